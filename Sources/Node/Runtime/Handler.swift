/// A node's side of a workload: the state machine that a user of this library writes.
///
/// A handler gets messages and timers only through the ``Node`` it is passed, so it runs unchanged on the
/// event loop and in a simulation. It must take time from ``Node/now`` and randomness from ``Node/random``,
/// and the order of a `Set` or `Dictionary` must not reach a message. Then the same seed gives the same
/// bytes.
public protocol Handler: AnyObject {
  /// Called once, when the node has learned its name and its cluster and has answered `init`. Does nothing
  /// by default.
  func start(on node: Node)

  /// Called once, when the process has been asked to end and can still send. Does nothing by default.
  func stop(on node: Node)

  /// Called for every message that is neither `init` nor a reply to a
  /// ``Node/call(_:type:timeout:_:then:)-(_,StaticString,_,_,_)``.
  ///
  /// A thrown error is logged and, if the message asks for a reply (has a `msg_id`), sent as the reply. For
  /// a type it does not know, a handler throws ``RPCError/notSupported(type:)``.
  func receive(_ message: Message, on node: Node) throws(RPCError)
}

extension Handler {
  public func start(on node: Node) {}
  public func stop(on node: Node) {}
}
