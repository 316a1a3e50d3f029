public import EddyTiming

/// What a node may read from the state that it has applied, without a message.
public enum RaftReadability: Hashable, Sendable {
  /// Nothing: the state may be out of date.
  case nothing
  /// What no uncommitted entry of the log changes; see ``Raft/hasPending(_:)``.
  case exceptUncommitted
  /// Everything.
  case everything
}

extension Raft {
  /// What may be read at `now`, and is then the latest that any client can have seen.
  ///
  /// `now` must have been read from the clock after the request arrived: a process that was paused must not
  /// rely on an instant from before the pause.
  public func readability(at now: Instant) -> RaftReadability {
    switch role {
    case .leader(let leader):
      // Nothing is committed before this node says so.
      return holdsLease(leader, at: now) && commit >= leader.firstIndex ? .everything : .nothing
    case .follower(let follower):
      guard contact.leader != nil, let expiry = follower.grantExpiry, now < expiry else { return .nothing }
      return commit == log.last.index ? .everything : .exceptUncommitted
    case .candidate: return .nothing
    }
  }

  /// Whether a batch that is in the log and not known to be committed satisfies `condition`. A position stands for
  /// the same batch in every log. O(batches).
  public func hasPending(_ condition: (Position, Batch) -> Bool) -> Bool {
    stride(from: commit + 1, through: log.last.index, by: 1).contains { index in
      let entry = log[index]
      return entry.batch.map { condition(Position(term: entry.term, index: index), $0) } ?? false
    }
  }

  /// Asks for the leader's word that the state is up to date, and returns the number of the request. Call
  /// ``flush(isComplete:at:)`` after it. A directive `serveReads` follows, unless no leader is found.
  /// Thesis, section 6.4.
  public mutating func requestRead(at now: Instant) -> Int {
    self.now = max(self.now, now)
    noteActivity(at: now)
    let number = reads.request()
    if isLeader { noteRead(number, of: id) } else { noteNews() }
    return number
  }

  /// Notes that a client was served here: the leases are worth renewing.
  public mutating func noteActivity(at now: Instant) {
    lastActivity = max(lastActivity, now)
    activity.isRecent = true
  }

  mutating func serveReads() {
    if let number = reads.serve(commit: commit) { directives.append(.serveReads(through: number)) }
  }
}

// MARK: - The leader's side

extension Raft {
  /// Whether no other leader can have been elected at the instant being handled.
  func holdsLease(_ leader: Leader) -> Bool { holdsLease(leader, at: now) }

  private func holdsLease(_ leader: Leader, at instant: Instant) -> Bool {
    guard majority > 1 else { return true }
    guard !leader.hasGivenUpLease, let echo = quorumEcho(leader) else { return false }
    return instant < Self.instant(ofStamp: echo) + options.shortened(options.electionLease)
  }

  /// Whether this leader may vote for another: its lease has ended.
  var canStepAside: Bool { if case .leader(let leader) = role { !holdsLease(leader) } else { true } }

  /// The latest stamp that a majority has echoed; nil if none has.
  private func quorumEcho(_ leader: Leader) -> Int? {
    guard majority > 1 else { return .max }
    let echoes = leader.progress.indices
      .filter { $0 != id && !leader.progress[$0].isLearner }
      .compactMap { leader.progress[$0].echo }
      .filter { $0 > 0 }
      .sorted(by: >)
    return echoes.count >= majority - 1 ? echoes[majority - 2] : nil
  }

  mutating func noteRead(_ number: Int, of node: Int) {
    withLeader { [commit] in
      $0.progress[node].notedRead = max($0.progress[node].notedRead, number)
      // A round that is sent from now on has a later stamp.
      $0.pendingReads.append(
        .init(node: node, id: number, index: max(commit, $0.firstIndex), stamp: $0.lastStamp + 1))
    }
  }

  /// Confirms the reads for which this is known to have been the leader after they were asked for.
  mutating func confirmReads() {
    guard case .leader(let leader) = role, !leader.pendingReads.isEmpty else { return }
    let isSole = holdsLease(leader)
    let echo = quorumEcho(leader) ?? 0
    let ready = leader.pendingReads.filter { (isSole || echo >= $0.stamp) && commit >= $0.index }
    guard !ready.isEmpty else { return }
    withLeader { [commit, id] leader in
      leader.pendingReads.removeAll { (isSole || echo >= $0.stamp) && commit >= $0.index }
      for read in ready where read.node != id {
        leader.progress[read.node].confirmedRead = max(leader.progress[read.node].confirmedRead ?? 0, read.id)
      }
    }
    if let own = ready.last(where: { $0.node == id }) {
      reads.confirm(own.id, index: commit)
      serveReads()
    }
  }
}
