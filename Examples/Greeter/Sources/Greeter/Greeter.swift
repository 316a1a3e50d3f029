import Eddy

/// Greets whoever asks, and counts the greetings.
final class Greeter: Handler {
  private var count = 0

  func receive(_ request: Message, on node: Node) throws(RPCError) {
    guard request.type == "greet" else { throw .notSupported(type: request.type) }
    let name = try request.string("name")
    count += 1
    node.reply(to: request, type: "greet_ok") {
      $0.field("greeting", "Hello, \(name)!")
      $0.field("count", count)
    }
  }
}

@main
enum Main {
  static func main() { Daemon.run(Greeter()) }
}
