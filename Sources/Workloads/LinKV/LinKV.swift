public import EddyNode

/// Maelstrom's `lin-kv`: a linearizable key-value store, replicated by Raft.
///
/// A write or a compare-and-set is a command of the log. A read is answered from this node's memory while a lease
/// shows that it is up to date, and so is a compare-and-set that fails; see docs/protocols.md.
public final class LinKV: Handler, ReplicatedHandler {
  let host: any RaftHandler

  public init(_ options: ConsensusOptions = ConsensusOptions()) {
    host = ConsensusHost<KeyValueMachine>(options)
  }
}
