public import EddyNode

/// Maelstrom's `txn-list-append`: transactions of reads and appends, strict serializable, replicated by Raft.
///
/// A transaction is a command of the log, executed alone and as a whole. One that only reads is answered from this
/// node's memory while a lease shows that it is up to date; see docs/protocols.md.
public final class TxnListAppend: Handler, ReplicatedHandler {
  let host: any RaftHandler

  public init(_ options: ConsensusOptions = ConsensusOptions()) { host = ConsensusHost<ListMachine>(options) }
}
