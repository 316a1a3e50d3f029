import Eddy
import TicketNode

/// One node: `ticket-node` is right, `ticket-node --blocks` has the planted bug.
@main
enum Main {
  static func main() {
    let hasBug = CommandLine.arguments.contains("--blocks")
    Daemon.run(TicketNode(blockLength: hasBug ? 10 : 1))
  }
}
