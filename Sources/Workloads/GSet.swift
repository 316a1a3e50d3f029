public import EddyNode

/// Maelstrom's `g-set`: a set that can only grow, of any JSON values.
///
/// The same as ``Broadcast`` with other message types. Elements spread by ``Gossip``. An add is acknowledged
/// when this node has the element, or another node too (``Acknowledgement``). Reads are answered from bytes
/// that are encoded already.
public final class GSet: Handler, GossipingHandler {
  private let elements: SharedValues
  var gossip: Gossip { elements.gossip }

  /// The default time between two rounds of gossip.
  public static let defaultWindow = Duration.milliseconds(400)

  /// - Parameters:
  ///   - window: The time between two rounds of gossip.
  ///   - acknowledgement: When an add is acknowledged.
  public init(window: Duration = defaultWindow, acknowledgement: Acknowledgement = .local) {
    elements = SharedValues(.init(window: window), acknowledgement: acknowledgement, type: "add_ok")
  }

  public func start(on node: Node) { gossip.start(on: node) }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "add":
      elements.add(try message.raw("element"), for: message, on: node)
    case "read":
      node.reply(to: message, type: "read_ok") { body in
        body.field("value") { $0.array { $0.encoded(elements.encoded[...]) } }
      }
    case "gossip":
      try gossip.receive(message, on: node)
    default:
      throw .notSupported(type: message.type)
    }
  }
}
