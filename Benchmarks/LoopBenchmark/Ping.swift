import EddyNode
import EddyTiming

/// One of two daemons whose outputs are each other's inputs.
///
/// Told to `start`, it calls its peer again and again, each time when the last reply has come,
/// and logs how many nanoseconds a round trip took.
final class Ping: Handler {
  private static let roundTrips = 20_000

  private var left = roundTrips

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "start": call(since: node.now, on: node)
    case "ping": node.reply(to: message, type: "pong")
    default: throw .notSupported(type: message.type)
    }
  }

  private func call(since start: Instant, on node: Node) {
    node.call(node.peers[0], type: "ping") { _, node in
      self.left -= 1
      if self.left > 0 { return self.call(since: start, on: node) }
      node.log(.info, "done", ["nanoseconds": "\((node.now - start).nanoseconds / Int(Self.roundTrips))"])
    }
  }
}
