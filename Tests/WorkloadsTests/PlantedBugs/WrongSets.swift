import EddyNode
import EddyWorkloads

/// Broadcasts and grow-only sets of well-known wrong designs.
final class WrongSet: Handler {
  enum Design {
    /// Floods its values, but forgets every tenth message it should send.
    case forgetful
    /// Floods its values and never asks whether they have arrived.
    case fireAndForget
    /// Acknowledges, and tells nobody.
    case hoarding
    /// Tells the others its whole set, which takes the place of theirs.
    case overwriting
    /// Floods its values, and keeps what has come twice twice.
    case repeating
    /// Keeps a value of two digits as one more than it is.
    case distorting
  }

  private let design: Design
  /// The field of a reply that holds what was read.
  private let field: String
  private var values: [RawJSON] = []
  private var sent = 0

  init(_ design: Design, field: String = "messages") {
    self.design = design
    self.field = field
  }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "broadcast":
      try learn(message.raw("message"), on: node)
      node.reply(to: message, type: "broadcast_ok")
    case "add":
      try learn(message.raw("element"), on: node)
      node.reply(to: message, type: "add_ok")
    case "flood": try learn(message.raw("message"), on: node)
    case "replace": values = try message.rawArray("messages")
    case "topology": node.reply(to: message, type: "topology_ok")
    case "read":
      node.reply(to: message, type: "read_ok") { [values, field] in $0.field(key: field) { $0.value(values) }
      }
    default: throw .notSupported(type: message.type)
    }
  }

  private func learn(_ value: RawJSON, on node: Node) {
    let isNew = !values.contains(distorted(value))
    if isNew || design == .repeating { values.append(distorted(value)) }
    guard isNew else { return }
    switch design {
    case .hoarding: break
    case .overwriting:
      for peer in node.peers {
        node.send(to: peer, type: "replace") { [values] in $0.field("messages", values) }
      }
    case .forgetful, .fireAndForget, .repeating, .distorting: flood(value, on: node)
    }
  }

  private func flood(_ value: RawJSON, on node: Node) {
    for peer in node.peers {
      sent += 1
      guard design != .forgetful || sent % 10 != 0 else { continue }
      node.send(to: peer, type: "flood") { $0.field("message", value) }
    }
  }

  private func distorted(_ value: RawJSON) -> RawJSON {
    guard design == .distorting, case .integer(let integer) = value.decoded(), integer > 9 else {
      return value
    }
    return RawJSON(encoding: JSONValue.integer(integer + 1))
  }
}

/// Broadcasts as it should, and answers every third read with its last value twice.
final class StutteringBroadcast: Handler {
  private let inner = Broadcast()
  private var values: [RawJSON] = []
  private var reads = 0

  func start(on node: Node) { inner.start(on: node) }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    if message.type == "broadcast" { values.append(try message.raw("message")) }
    guard message.type == "read" else { return try inner.receive(message, on: node) }
    reads += 1
    let copies = reads % 3 == 0 ? values + values.suffix(1) : values
    node.reply(to: message, type: "read_ok") { $0.field("messages", copies) }
  }
}
