import EddyWorkbench
import TicketWorkload

/// `ticket-test PROGRAM [ARGUMENT…]` runs three such processes for five seconds.
@main
enum Main {
  static func main() throws {
    guard CommandLine.arguments.count > 1 else { return print("usage: ticket-test PROGRAM [ARGUMENT…]") }
    let program = try Program(
      path: CommandLine.arguments[1], arguments: Array(CommandLine.arguments.dropFirst(2)))
    let (results, page) = try TicketRun(seed: 1, timeLimit: .seconds(5)).run(program, store: "store")
    print(results.consoleText, terminator: "")
    print("Page: \(page)")
  }
}
