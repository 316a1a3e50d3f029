import EddyNode
import EddyTiming

/// Gives out ids that come again.
final class RepeatingIDs: Handler {
  enum Design {
    /// Its index and the clock's second.
    case seconds
    /// Its index and a count that starts anew with the node.
    case countSinceStart
    /// The clock's microsecond, which other nodes' clocks show too.
    case clock
  }

  private let design: Design
  private var count: Int = 0

  init(_ design: Design) { self.design = design }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    count += 1
    let id =
      switch design {
      case .seconds: node.now.nanoseconds / 1_000_000_000 * 100 + Int(node.index)
      case .countSinceStart: count * 100 + Int(node.index)
      case .clock: node.now.nanoseconds / 1_000_000
      }
    node.reply(to: message, type: "generate_ok") { $0.field("id", id) }
  }
}

/// Asks n0 for each id: right, but not available while it is cut off.
final class CentralIDs: Handler {
  private var count = 0

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    guard node.index != 0 else {
      count += 1
      return node.reply(to: message, type: "generate_ok") { $0.field("id", count) }
    }
    node.call("n0", type: "generate") { _ in
    } then: { result, node in
      switch result {
      case .failure(let error): node.reply(to: message, error: error)
      case .success(let reply):
        node.reply(to: message, type: "generate_ok") { $0.field("id", (try? reply.integer("id")) ?? 0) }
      }
    }
  }
}

/// Changes, refuses or forgets every fifth payload.
final class FaultyEcho: Handler {
  enum Design { case changing, refusing, silent }

  private let design: Design
  private var count = 0

  init(_ design: Design) { self.design = design }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    var payload = try message.string("echo")
    count += 1
    if count % 5 == 0 {
      switch design {
      case .changing: payload += "!"
      case .refusing: throw .temporarilyUnavailable()
      case .silent: return
      }
    }
    node.reply(to: message, type: "echo_ok") { $0.field("echo", payload) }
  }
}
