import EddyTiming

/// The leader of a term.
struct Leader {
  /// What it knows of each node; its own element is not used.
  var progress: [Progress]
  /// The number of each node's last command in the log.
  var logged: SessionTable
  /// The index of the first entry of its term. Once it is committed, so is all before it.
  let firstIndex: Int
  var lastRound: Instant?
  /// The last index of the log when it was sent.
  var roundEnd = 0
  /// The stamp of the last round. Rounds have different stamps, so one may run ahead of the clock by a microsecond.
  var lastStamp = 0
  /// Whether it has fallen silent.
  var isQuiet = false
  /// Whether it has asked a follower to be elected. From then on it has no lease for the rest of the term: the
  /// follower may be elected at any time.
  var hasGivenUpLease = false
  /// The follower that is to be asked once its log is complete, and until when.
  var transfer: (target: Int, deadline: Instant)?
  /// Read requests that wait for a majority to confirm that this is the leader.
  var pendingReads: [PendingRead] = []

  struct PendingRead {
    var node: Int
    var id: Int
    /// What must be applied before the read is served.
    var index: Int
    /// The first stamp whose echo shows that the leader was one after the request.
    var stamp: Int
  }
}

extension Raft {
  /// Changes the leader's state. Does nothing in another role.
  mutating func withLeader(_ body: (inout Leader) -> Void) {
    guard case .leader(var leader) = role else { return }
    role = .follower(Follower())
    body(&leader)
    role = .leader(leader)
  }

  private var others: some Sequence<Int> { (0..<count).lazy.filter { [id] in $0 != id } }

  mutating func becomeLeader(_ candidate: Candidate) {
    var logged = executed
    for index in stride(from: commit + 1, through: log.last.index, by: 1) {
      if let batch = log[index].batch { _ = logged.take(batch) }
    }
    var progress = Array(repeating: Progress(next: log.last.index + 1, at: now), count: count)
    // Grants of the last leader may still hold. That leader itself has none: nobody grants it any.
    for node in others where node != candidate.predecessor?.leader {
      progress[node].grantedUntil = now + options.lengthened(options.readLease)
    }
    let leader = Leader(progress: progress, logged: logged, firstIndex: log.last.index + 1)
    contact.lead(id, term: term)
    lastActivity = now
    role = .leader(leader)
    append(Entry(term: term))
    note(.becameLeader(term: term))
    if reads.isWaiting { noteRead(reads.wanted, of: id) }
    startRound()
    proceedAsLeader()
  }

  private mutating func append(_ entry: Entry) {
    log.append(entry)
    persist(.entries(after: log.last.index - 1, [entry]))
  }

  /// Adds commands to the log that are not in it. Returns the index of the last entry.
  private mutating func append(_ batch: Batch) -> Int {
    guard case .leader(let leader) = role else { return log.last.index }
    var logged = leader.logged
    if let new = logged.take(batch) {
      withLeader { $0.logged = logged }
      append(Entry(term: term, batch: new))
    }
    if batch.origin == id { queue.noteLogged(batch) }
    return log.last.index
  }

  mutating func proceedAsLeader() {
    advanceLeaderCommit()
    confirmReads()
    continueTransfer()
    guard case .leader(let leader) = role else { return }
    if !leader.isQuiet, !hearsQuorum(leader) {
      note(.lostQuorum(term: term))
      contact.leader = nil
      return becomeFollower()
    }
    if let due = roundTime(leader), due <= now {
      startRound()
      advanceLeaderCommit()
    }
  }

  func leaderDeadline(_ leader: Leader) -> Instant? {
    var deadline = roundTime(leader)
    if !leader.isQuiet, majority > 1 { deadline = .earliest(deadline, quorumDeadline(leader)) }
    if let transfer = leader.transfer { deadline = .earliest(deadline, transfer.deadline) }
    // A grant that ends lets entries be committed.
    if commit < log.last.index {
      for node in others {
        if let end = leader.progress[node].grantedUntil, end > now { deadline = .earliest(deadline, end) }
      }
    }
    return deadline
  }
}

// MARK: - Rounds

extension Raft {
  /// When the next round is due; nil if there is nothing to say.
  private func roundTime(_ leader: Leader) -> Instant? {
    guard count > 1 else { return queue.hasUnlogged ? .zero : nil }
    let isAwaited = isAwaited(leader)
    if leader.isQuiet, !isAwaited { return nil }
    guard let lastRound = leader.lastRound else { return .zero }
    return isAwaited && isComplete(leader) ? .zero : lastRound + options.window
  }

  /// Whether somebody waits for something that the next round carries.
  private func isAwaited(_ leader: Leader) -> Bool {
    if queue.hasUnlogged { return true }
    let readsNeedRound = leader.pendingReads.contains { $0.stamp > leader.lastStamp }
    return readsNeedRound
      || others.contains { node in
        let progress = leader.progress[node]
        guard progress.state == .replicating, progress.next > log.base.index,
          !progress.isSilent(at: now, options)
        else { return false }
        // The next append tells of what it has itself, or an append before it.
        let tellable = min(commit, progress.lastBatchIndex, progress.next - 1)
        return progress.confirmedRead != nil || progress.toldCommit < tellable
          || progress.hasRoom && progress.next <= log.last.index
      }
  }

  /// Whether all clients that were heard of lately wait: nothing is gained by waiting for the window.
  private func isComplete(_ leader: Leader) -> Bool {
    let isOwnComplete =
      activity.isComplete || !(activity.lastProposal.map { now - $0 <= options.activityMemory } ?? false)
    return isOwnComplete
      && others.allSatisfy {
        leader.progress[$0].isComplete || !leader.progress[$0].isSource(at: now, options)
      }
  }

  /// Sends an append to every follower.
  private mutating func startRound() {
    if let batch = queue.batch(origin: id, limit: options.messageLimit) { _ = append(batch) }
    guard case .leader(let leader) = role else { return }
    let isQuiet = mayFallSilent(leader)
    withLeader { [now, stamp, end = log.last.index] in
      $0.lastRound = now
      $0.roundEnd = end
      $0.lastStamp = max($0.lastStamp + 1, stamp)
      if $0.isQuiet { for node in $0.progress.indices { $0.progress[node].lastReport = now } }
      $0.isQuiet = isQuiet
    }
    for node in others { sendRound(to: node, isQuiet: isQuiet) }
    if isQuiet { note(.fellSilent(term: term)) }
  }

  /// Whether all that answer have everything, and nothing has happened lately.
  private func mayFallSilent(_ leader: Leader) -> Bool {
    now - lastActivity > options.activityMemory && commit == log.last.index && !reads.isWaiting
      && leader.pendingReads.isEmpty && leader.transfer == nil
      && others.allSatisfy { node in
        let progress = leader.progress[node]
        return progress.isSilent(at: now, options)
          || progress.match == commit && progress.toldCommit == commit && progress.confirmedRead == nil
      }
  }

  private mutating func sendRound(to node: Int, isQuiet: Bool) {
    guard case .leader(let leader) = role else { return }
    let progress = leader.progress[node]
    if progress.isSilent(at: now, options) {
      if let lastSent = progress.lastSent, now - lastSent < options.probeInterval { return }
      withLeader { $0.progress[node].probe(at: $0.progress[node].match + 1) }
    }
    sendAppend(to: node, isQuiet: isQuiet)
    sendMore(to: node)
  }

  /// Sends appends as long as entries are left and may be sent.
  private mutating func sendMore(to node: Int) {
    while case .leader(let leader) = role, leader.progress[node].hasRoom,
      leader.progress[node].next <= log.last.index
    { sendAppend(to: node, isQuiet: false) }
  }

  private mutating func sendAppend(to node: Int, isQuiet: Bool) {
    guard case .leader(let leader) = role else { return }
    var progress = leader.progress[node]
    guard progress.next > log.base.index, let previous = log.position(at: progress.next - 1) else {
      return sendSnapshotPiece(to: node)
    }
    let entries = progress.hasRoom ? log.entries(from: progress.next, limit: options.messageLimit) : []
    progress.next += entries.count
    if !entries.isEmpty { progress.inFlight.append(progress.next - 1) }
    // With this append the follower has all that is committed; what leaders before have committed is known once
    // the first entry of this term is.
    let mayGrant =
      progress.state == .replicating && commit >= leader.firstIndex && progress.next > commit
      && holdsLease(leader)
    let grant = mayGrant ? progress.stamp : nil
    if grant != nil {
      progress.stamp = nil
      progress.grantedUntil = now + options.lengthened(options.readLease)
    }
    let confirmedRead = progress.confirmedRead
    if confirmedRead != nil {
      progress.confirmedRead = nil
      progress.confirmationStamp = leader.lastStamp
    }
    let told = min(commit, progress.next - 1)
    // Clients of the follower that are answered go on.
    if hasBatch(of: node, after: progress.toldCommit, through: told) { progress.isComplete = false }
    progress.toldCommit = told
    progress.lastSent = now
    withLeader { [progress] in $0.progress[node] = progress }
    let append = RaftMessage.Append(
      previous: previous, entries: entries, commit: commit, stamp: leader.lastStamp, grant: grant,
      confirmedRead: confirmedRead, isQuiet: isQuiet)
    send(.append(append), to: node)
  }

  private func hasBatch(of node: Int, after start: Int, through end: Int) -> Bool {
    stride(from: max(start, log.base.index) + 1, through: end, by: 1).contains {
      log[$0].batch?.origin == node
    }
  }

  private mutating func sendSnapshotPiece(to node: Int) {
    guard case .leader(let leader) = role, let snapshot else { return }
    var offset = 0
    if case .snapshot(let received) = leader.progress[node].state, received < snapshot.data.count {
      offset = received
    }
    let end = snapshot.data.endOfPiece(from: offset, limit: options.messageLimit)
    withLeader { [now] in
      $0.progress[node].state = .snapshot(received: offset)
      $0.progress[node].lastSent = now
    }
    let piece = RaftMessage.SnapshotPiece(
      position: snapshot.position, sessions: snapshot.sessions, offset: offset, total: snapshot.data.count,
      bytes: Array(snapshot.data[offset..<end]), stamp: leader.lastStamp)
    send(.snapshot(piece), to: node)
  }

  /// Answers a node that asks for votes: it has not heard this leader.
  mutating func answerAsLeader(_ node: Int) {
    guard case .leader(let leader) = role else { return }
    sendAppend(to: node, isQuiet: leader.isQuiet)
  }
}

extension [UInt8] {
  /// The end of a piece of at most `limit` bytes. Text in UTF-8 is not cut within a character.
  fileprivate func endOfPiece(from start: Int, limit: Int) -> Int {
    guard count - start > limit else { return count }
    var end = start + limit
    while end > start + limit - 3, self[end] & 0xC0 == 0x80 { end -= 1 }
    return end
  }
}

// MARK: - Reports

extension Raft {
  mutating func receive(_ report: RaftMessage.Report, term messageTerm: Int, from sender: Int) {
    guard messageTerm == term, case .leader(let leader) = role else { return }
    // Nobody echoes a stamp that was not sent, or has commands of another node.
    guard report.echo <= leader.lastStamp, report.batch.map({ $0.origin == sender }) ?? true else { return }
    var progress = leader.progress[sender]
    progress.lastReport = now
    progress.isLearner = report.isLearner
    progress.echo = max(progress.echo ?? report.echo, report.echo)
    progress.stamp = max(progress.stamp ?? 0, report.stamp)
    if report.isActive || report.batch != nil || report.read > 0 { lastActivity = now }
    progress.isComplete = report.isComplete
    let isStuck = take(report.outcome, &progress)
    withLeader { [progress] in $0.progress[sender] = progress }
    if isStuck { sendAppend(to: sender, isQuiet: false) }
    if let batch = report.batch {
      let index = append(batch)
      withLeader { [now] in
        $0.progress[sender].lastProposal = now
        $0.progress[sender].lastBatchIndex = index
      }
    }
    if wantsRead(report, progress, leader) { noteRead(report.read, of: sender) }
    // What other followers were sent already need not wait for a round.
    if progress.state == .replicating, progress.next <= leader.roundEnd { sendMore(to: sender) }
  }

  /// Takes what became of an append. Returns whether the follower needs an answer at once, to catch up.
  private func take(_ outcome: RaftMessage.Report.Outcome, _ progress: inout Progress) -> Bool {
    switch outcome {
    case .none: return false
    case .matches(let index):
      progress.noteMatch(min(index, log.last.index))
      return false
    case .differs(let index, let hint):
      // A learner may have lost what it had.
      if progress.isLearner { progress.match = min(progress.match, hint.index) }
      // A late answer tells what is known already.
      guard index > progress.match, progress.state != .probing || index == progress.next - 1 else {
        return false
      }
      progress.probe(at: log.lastIndex(ofTermAtMost: hint.term, from: hint.index) + 1)
      return true
    case .snapshot(let index, let received):
      guard index == snapshot?.position.index, case .snapshot(let known) = progress.state, received > known
      else { return false }
      progress.state = .snapshot(received: received)
      return true
    }
  }

  /// Whether a report asks for a read that is not confirmed, or whose confirmation was lost: the follower has
  /// answered that append or a later one, and still waits.
  private func wantsRead(_ report: RaftMessage.Report, _ progress: Progress, _ leader: Leader) -> Bool {
    guard report.read > 0 else { return false }
    if report.read > progress.notedRead { return true }
    return progress.confirmedRead == nil && report.echo >= progress.confirmationStamp
      && !leader.pendingReads.contains { $0.id == report.read }
  }

  /// Commits what a majority has stored, if the followers that may read have it, too.
  ///
  /// Only an entry of this term is committed by counting (Figure 8 of the paper); with it all before.
  private mutating func advanceLeaderCommit() {
    guard case .leader(let leader) = role else { return }
    var matches = others.map { leader.progress[$0].isLearner ? 0 : leader.progress[$0].match }
    matches.append(durability.durableIndex)
    matches.sort(by: >)
    let stored = matches[majority - 1]
    guard stored > commit, log.term(at: stored) == term else { return }
    let granted = others.compactMap { node in
      leader.progress[node].grantedUntil.flatMap { $0 > now ? leader.progress[node].match : nil }
    }
    let index = min(stored, granted.min() ?? stored)
    if index > commit { advanceCommit(to: index) }
  }

  /// Whether a majority has been heard lately (check-quorum).
  private func hearsQuorum(_ leader: Leader) -> Bool { majority == 1 || now < quorumDeadline(leader) }

  private func quorumDeadline(_ leader: Leader) -> Instant {
    let heard = others.filter { !leader.progress[$0].isLearner }.map { leader.progress[$0].lastReport }
      .sorted(by: >)
    return heard[majority - 2] + options.quorumTimeout
  }
}
