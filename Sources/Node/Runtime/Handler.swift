/// What a node does: the state machine that a user of this library writes.
///
/// A workload sees messages and timers only through the ``Node`` it is handed, so it runs
/// unchanged on the event loop and in a simulation. It must draw time from `node.now` and
/// randomness from `node.random`, and must not let the order of a `Set` or `Dictionary`
/// reach a message: then the same seed gives the same bytes.
public protocol Handler: AnyObject {
  /// Called once, when the node has learnt its name and its peers and has answered `init`.
  func start(on node: Node)

  /// Called for every message that is neither `init` nor the reply to a ``Node/call(_:type:timeout:body:then:)``.
  ///
  /// An error thrown is the reply, if the message asked for one (has a `msg_id`); otherwise
  /// it is logged. A workload throws ``RPCError/notSupported(type:)`` for a type it does not know.
  func receive(_ message: Message, on node: Node) throws(RPCError)
}

extension Handler {
  public func start(on node: Node) {}
}
