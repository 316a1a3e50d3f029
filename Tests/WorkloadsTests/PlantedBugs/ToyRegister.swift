import EddyNode
import EddyTiming

/// Registers in the nodes' memories: right once, and wrong in well-known ways.
final class ToyRegister: Handler {
  enum Design {
    /// n0 has all registers, and the others ask it.
    case primary
    /// Each node has registers of its own.
    case local
    /// n0 takes all changes and tells the others, which answer reads themselves.
    case staleReads
    /// n0 compares at once and sets 20 ms later.
    case twoSteps
    /// n0 acknowledges every fifth change that is due, and forgets it.
    case forgetful
    /// n0 takes a compare-and-set of a value that differs for one that failed, after it has set it.
    case falseFailure
  }

  private static let primary = "n0"

  private let design: Design
  private var values: [RawJSON: RawJSON] = [:]
  private var changes = 0

  init(_ design: Design) { self.design = design }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "update": values[try message.raw("key")] = try message.raw("value")
    case "read", "write", "cas":
      let isHere =
        node.id == Self.primary || design == .local || (design == .staleReads && message.type == "read")
      if isHere { try answer(message, on: node) } else { try forward(message, on: node) }
    default: throw .notSupported(type: message.type)
    }
  }

  private func forward(_ message: Message, on node: Node) throws(RPCError) {
    var fields: [(name: String, value: RawJSON)] = []
    for name in ["key", "value", "from", "to"] where message.contains(name) {
      fields.append((name, try message.raw(name)))
    }
    node.call(Self.primary, type: message.type) { body in
      for field in fields { body.field(key: field.name) { $0.value(field.value) } }
    } then: { result, node in
      switch result {
      case .failure(let error): node.reply(to: message, error: error)
      case .success(let reply):
        let value = try? reply.raw("value")
        node.reply(to: message, type: reply.type) { if let value { $0.field("value", value) } }
      }
    }
  }

  private func answer(_ message: Message, on node: Node) throws(RPCError) {
    let key = try message.raw("key")
    switch message.type {
    case "read":
      guard let value = values[key] else { throw .keyDoesNotExist() }
      node.reply(to: message, type: "read_ok") { $0.field("value", value) }
    case "write":
      set(key, try message.raw("value"), on: node)
      node.reply(to: message, type: "write_ok")
    default:
      let to = try message.raw("to")
      guard let value = values[key] else { throw .keyDoesNotExist() }
      guard try value == message.raw("from") else {
        if design == .falseFailure { set(key, to, on: node) }
        throw .preconditionFailed()
      }
      guard design == .twoSteps else {
        set(key, to, on: node)
        return node.reply(to: message, type: "cas_ok")
      }
      node.after(.milliseconds(20)) { [unowned self] node in
        set(key, to, on: node)
        node.reply(to: message, type: "cas_ok")
      }
    }
  }

  private func set(_ key: RawJSON, _ value: RawJSON, on node: Node) {
    changes += 1
    if design == .forgetful, changes % 5 == 0 { return }
    values[key] = value
    guard design == .staleReads else { return }
    for peer in node.peers {
      node.send(to: peer, type: "update") {
        $0.field("key", key)
        $0.field("value", value)
      }
    }
  }
}
