public import EddyTiming

extension Raft {
  /// Gives a command to be executed by all nodes in the same order.
  ///
  /// Call ``flush(isComplete:at:)`` after it. A directive `apply` follows with `token` when it is executed, once whatever happens on the way; `forget` if
  /// its result is not known. Returns false, and does nothing, if too much waits already.
  public mutating func propose(_ command: RaftCommand, token: Int, at now: Instant) -> Bool {
    guard queue.byteCount + command.count <= options.queueLimit else { return false }
    self.now = max(self.now, now)
    noteActivity(at: now)
    activity.lastProposal = now
    activity.isComplete = false
    queue.add(command, token: token)
    noteNews()
    return true
  }

  /// Takes a command back. Returns false if it may be executed, as it has left this node or is in its log.
  public mutating func withdraw(token: Int) -> Bool { queue.withdraw(token) }

  /// Goes on after commands were proposed or reads were requested.
  ///
  /// - Parameters:
  ///   - isComplete: Whether all clients that were heard of lately wait. Then waiting for a window brings no more
  ///     commands, and they are sent at once.
  ///   - now: The present instant.
  public mutating func flush(isComplete: Bool, at now: Instant) {
    activity.isComplete = isComplete
    advance(to: now)
  }

  /// Hands leadership to the follower whose log is most complete, as before a shutdown. Does nothing on another
  /// node. Thesis, section 3.10.
  ///
  /// The leader goes on if that fails. It has no lease for the rest of its term.
  public mutating func transferLeadership(at now: Instant) {
    self.now = max(self.now, now)
    guard case .leader(let leader) = role else { return }
    let candidates = leader.progress.indices.filter { $0 != id && !leader.progress[$0].isLearner }
    let target = candidates.max {
      (leader.progress[$0].match, leader.progress[$0].lastReport)
        < (leader.progress[$1].match, leader.progress[$1].lastReport)
    }
    guard let target else { return }
    let deadline = self.now + options.electionLease
    withLeader {
      $0.hasGivenUpLease = true
      $0.transfer = (target, deadline)
    }
    advance(to: now)
  }

  /// Asks the target of a transfer to be elected as soon as its log is complete.
  mutating func continueTransfer() {
    guard case .leader(let leader) = role, let transfer = leader.transfer else { return }
    let isReady = leader.progress[transfer.target].match == log.last.index
    guard isReady || transfer.deadline <= now else { return }
    withLeader { $0.transfer = nil }
    if isReady { send(.transfer, to: transfer.target) }
  }
}
