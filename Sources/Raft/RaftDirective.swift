/// What the engine asks of its host. They are carried out in their order.
public enum RaftDirective: Hashable, Sendable {
  /// Send a message to the node of this index.
  case send(RaftMessage, to: Int)
  /// Write a record to stable storage, after all before. The host reports by `noteDurable(_:at:)` how many
  /// records since the start are durable.
  case persist(RaftRecord)
  /// Replace everything stored by these records. It counts as one record.
  case rewrite([RaftRecord])
  /// Execute the commands of a committed batch. `tokens` are given for this node's own commands.
  case apply(index: Int, batch: Batch, tokens: [Int]?)
  /// Replace the state machine's state by that of a snapshot.
  case restore(Snapshot)
  /// Commands with these tokens were executed, and their results are unknown: a snapshot holds their effect.
  case forget(tokens: [Int])
  /// The log has grown: give the state machine's state to `compact(_:at:)`.
  case takeSnapshot
  /// Read requests up to this number may be served from the state as it is now.
  case serveReads(through: Int)
  /// Something worth a line in a log.
  case note(RaftEvent)
}

/// What is stored, so that a node that restarts is the node that it was.
public enum RaftRecord: Hashable, Sendable {
  /// The current term, and whom the node has voted for in it.
  case vote(term: Int, candidate: Int?)
  /// Entries that follow the index. All that stood after it before is gone.
  case entries(after: Int, [Entry])
  /// A snapshot, and the place after which entries are kept.
  case snapshot(Snapshot, base: Position)
}

/// What an operator wants to know.
public enum RaftEvent: Hashable, Sendable {
  case becameLeader(term: Int)
  case becameCandidate(term: Int)
  case follows(leader: Int, term: Int)
  case suspectsLeader(term: Int)
  case lostQuorum(term: Int)
  case fellSilent(term: Int)
  case installedSnapshot(index: Int)
  case hasLostItsVote
}
