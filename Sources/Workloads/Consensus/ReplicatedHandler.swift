public import EddyNode
import EddyRaft

/// The handler of a workload whose state Raft replicates.
protocol ReplicatedHandler: Handler {
  var host: any RaftHandler { get }
}

extension ReplicatedHandler {
  public func start(on node: Node) { host.start(on: node) }

  public func stop(on node: Node) { host.stop(on: node) }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    try host.receive(message, on: node)
  }
}

/// A handler with a Raft engine.
protocol RaftHandler: Handler {
  /// The engine; nil before the start.
  var raft: Raft? { get }
}
