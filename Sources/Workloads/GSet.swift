public import Node

/// Maelstrom's `g-set`: a set that can only grow, of any JSON values.
///
/// ``Broadcast`` under another mouth: elements spread by ``Gossip``, an add is acknowledged when this
/// node has the element, and reads are answered from bytes already encoded.
public final class GSet: Workload {
  private let elements: ValueList
  private let gossip: Gossip

  /// - Parameter window: The time between two rounds of the relay.
  public init(window: Duration = .milliseconds(380)) {
    let elements = ValueList()
    self.elements = elements
    gossip = Gossip(.init(window: window)) { elements.insert($0) }
  }

  public func start(on node: Node) { gossip.start(on: node) }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "add":
      let element = try message.raw("element")
      if !elements.contains(element) { gossip.publish(element, on: node) }
      node.reply(to: message, type: "add_ok")
    case "read":
      node.reply(to: message, type: "read_ok") { body in
        body.field("value") { $0.array { $0.encoded(elements.encoded[...]) } }
      }
    case "gossip":
      try gossip.receive(message, on: node)
    default:
      throw .notSupported(message.type)
    }
  }
}
