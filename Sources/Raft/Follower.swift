import EddyTiming

/// A node that follows a leader, or waits for one.
struct Follower {
  /// The stamp of the latest append of this term; 0 before the first.
  var latestStamp = 0
  /// Until when the leader's grant lets this node read locally.
  var grantExpiry: Instant?
  /// When the last report was sent.
  var lastReport: Instant?
  /// The index up to which the log matches, which a report is to tell when it is due at the latest.
  var deferredMatch: (index: Int, due: Instant)?
  /// Whether there are commands or reads that no report has carried.
  var hasNews = false
  /// The snapshot that is arriving.
  var incoming: IncomingSnapshot?

  struct IncomingSnapshot {
    var position: Position
    var data: [UInt8]
  }
}

extension Raft {
  /// Changes the follower's state. Does nothing in another role.
  private mutating func withFollower(_ body: (inout Follower) -> Void) {
    guard case .follower(var follower) = role else { return }
    body(&follower)
    role = .follower(follower)
  }

  var follower: Follower? { if case .follower(let follower) = role { follower } else { nil } }

  /// How many nodes are asked to become leader before this one.
  private var slot: Int { slot(of: id) }

  /// The place of a node in the order of candidates: those that follow the latest leader first.
  func slot(of node: Int) -> Int {
    guard let leader = contact.latest?.leader else { return node }
    return (node - leader - 1 + count) % count
  }

  /// When this node asks to become leader. The first in order asks a little earlier, so that the answers come as
  /// soon as it may be elected.
  private var campaignTime: Instant? {
    guard !isLearner, let suspicion = contact.suspicion else { return nil }
    let isFirst = slot == 0 && contact.leader != nil
    return isFirst ? suspicion - options.campaignLead : suspicion + options.candidateSlot * slot
  }

  mutating func scheduleFirstCampaign(isNew: Bool) {
    guard !isNew else { return }
    contact.inheritPromise(at: now)
    contact.suspicion = now + options.electionLease
  }

  func followerDeadline(_ follower: Follower) -> Instant? {
    Instant.earliest(
      Instant.earliest(campaignTime, reportTime(follower)),
      Instant.earliest(heldRequestTime, follower.deferredMatch?.due))
  }

  /// When requests for a vote are answered that wait until this node suspects the leader.
  var heldRequestTime: Instant? {
    guard contact.heldRequests.contains(where: mayAnswer) else { return nil }
    let isLeaderless = contact.leader == nil || contact.isQuiet
    return max(contact.promise(options), isLeaderless ? .zero : contact.suspicion ?? .zero)
  }

  /// Whether a held request is not to wait for this node's own. Of two that ask at once the first in order is
  /// elected, unless the other has more entries. Nodes may differ about the order, so it is kept once only; from
  /// then on the first by index is elected. Two that each gave its vote to the other might do so for ever.
  func mayAnswer(_ held: LeaderContact.HeldRequest) -> Bool {
    guard case .candidate(let candidate) = role, candidate.isPreliminary else { return true }
    if held.request.last != log.last { return held.request.last > log.last }
    return contact.failedCampaigns == 0 ? slot(of: held.candidate) < slot(of: id) : held.candidate < id
  }

  /// When a report is due that answers nothing; nil if there is nothing to say, or nobody to say it to.
  ///
  /// While appends come, the next report carries it. It goes at once if all clients wait for it, or if the
  /// leader is silent.
  private func reportTime(_ follower: Follower) -> Instant? {
    guard contact.leader != nil, queue.hasUnlogged || reads.isWaiting else { return nil }
    guard let lastReport = follower.lastReport else { return .zero }
    guard follower.hasNews else { return lastReport + options.probeInterval }
    if activity.isComplete || contact.isQuiet { return .zero }
    return lastReport + options.window * 5 / 4
  }

  mutating func proceedAsFollower() {
    answerHeldRequests()
    guard case .follower(let follower) = role else { return }
    if let due = Instant.earliest(reportTime(follower), follower.deferredMatch?.due), due <= now {
      report(follower.deferredMatch.map { .matches($0.index) } ?? .none)
      // The leader may be silent for ever: expect an answer.
      if contact.suspicion == nil {
        contact.isQuiet = false
        contact.suspicion = now + contact.patience(options)
      }
    }
    if let campaignTime, campaignTime <= now { startCampaign() }
  }

  /// Notes something new to report.
  mutating func noteNews() { withFollower { $0.hasNews = true } }

  /// Sends a report. One that claims that entries are stored waits until they are.
  mutating func report(_ outcome: RaftMessage.Report.Outcome) {
    guard let follower, let leader = contact.leader else { return }
    let report = RaftMessage.Report(
      outcome: outcome, echo: follower.latestStamp, stamp: stamp,
      batch: queue.batch(origin: id, limit: options.messageLimit), isComplete: activity.isComplete,
      read: reads.wanted, isActive: activity.isRecent, isLearner: isLearner)
    withFollower { [now] in
      $0.lastReport = now
      $0.deferredMatch = nil
      $0.hasNews = false
    }
    activity.isRecent = false
    if outcome == .none {
      send(.report(report), to: leader)
    } else {
      sendWhenDurable(.report(report), to: leader)
    }
  }
}

// MARK: - Appends

extension Raft {
  mutating func receive(_ append: RaftMessage.Append, term messageTerm: Int, from sender: Int) {
    guard messageTerm == term, !isLeader else { return refuse(sender) }
    hear(sender, stamp: append.stamp)
    let end = append.previous.index + append.entries.count
    guard agrees(at: append.previous) else {
      let index = log.lastIndex(
        ofTermAtMost: append.previous.term, from: min(append.previous.index - 1, log.last.index))
      let hint = log.position(at: index) ?? log.base
      return report(.differs(at: append.previous.index, hint: hint))
    }
    guard store(append.entries, after: append.previous.index) else { return }
    advanceCommit(to: min(append.commit, end))
    if let grant = append.grant { accept(grant: grant) }
    if let confirmed = append.confirmedRead, commit >= append.commit {
      reads.confirm(confirmed, index: append.commit)
      serveReads()
    }
    if append.isQuiet, log.last.index == end, commit == append.commit, !queue.hasUnlogged, !reads.isWaiting {
      contact.isQuiet = true
      contact.suspicion = nil
    } else {
      answer(max(end, log.base.index))
    }
  }

  /// Reports that the log matches up to an index: at once, or a little later if commands are likely to come, so that
  /// they need no report of their own.
  private mutating func answer(_ match: Int) {
    let expectsCommands = activity.lastProposal.map { now - $0 <= options.activityMemory } ?? false
    guard expectsCommands, !activity.isComplete, !reads.isWaiting else { return report(.matches(match)) }
    withFollower { [now, options] in
      $0.deferredMatch = (
        max(match, $0.deferredMatch?.index ?? 0), $0.deferredMatch?.due ?? now + options.window / 2
      )
    }
  }

  /// Tells a leader of an earlier term that it is one.
  private mutating func refuse(_ sender: Int) {
    let report = RaftMessage.Report(
      outcome: .none, echo: 0, stamp: stamp, batch: nil, isComplete: false, read: 0, isActive: false,
      isLearner: isLearner)
    sendWhenDurable(.report(report), to: sender)
  }

  /// Follows the leader that has sent something.
  private mutating func hear(_ leader: Int, stamp: Int) {
    if case .candidate = role { becomeFollower() }
    if contact.leader != leader {
      note(.follows(leader: leader, term: term))
      noteNews()
    }
    contact.hear(leader, term: term, at: now, options)
    withFollower { $0.latestStamp = max($0.latestStamp, stamp) }
  }

  /// Whether the log agrees with the leader's at a place. What was compacted was committed, so it agrees.
  private func agrees(at position: Position) -> Bool {
    position.index < log.base.index || log.term(at: position.index) == position.term
  }

  /// Adds the entries that the log lacks. An entry of another term at an index is replaced with all after it;
  /// one that is there already stays, as a late append must not remove what came after it.
  ///
  /// Returns false, and changes nothing, if no leader can have sent them: they contradict what is committed, or hold
  /// commands of this process that it has not sent.
  private mutating func store(_ entries: [Entry], after index: Int) -> Bool {
    var new = entries[...]
    var index = index
    while let entry = new.first, index + 1 <= log.base.index || log.term(at: index + 1) == entry.term {
      new.removeFirst()
      index += 1
    }
    guard !new.isEmpty else { return true }
    guard index >= commit else { return false }
    let isKnown = new.allSatisfy { $0.batch.map { $0.origin != id || queue.mayHaveSent($0) } ?? true }
    guard isKnown else { return false }
    if index < log.last.index {
      log.truncate(after: index)
      queue.forgetLogged()
    }
    for entry in new {
      log.append(entry)
      if let batch = entry.batch, batch.origin == id { queue.noteLogged(batch) }
    }
    persist(.entries(after: index, Array(new)))
    return true
  }

  /// Takes the leader's word that from the stamp of this node's report on nothing is committed without it.
  private mutating func accept(grant: Int) {
    // Another process of this node may have sent that report, by another clock.
    guard grant >= startStamp, grant <= stamp else { return }
    let expiry = Self.instant(ofStamp: grant) + options.shortened(options.readLease)
    withFollower { $0.grantExpiry = max($0.grantExpiry ?? .zero, expiry) }
  }
}

// MARK: - Snapshots

extension Raft {
  mutating func receive(_ piece: RaftMessage.SnapshotPiece, term messageTerm: Int, from sender: Int) {
    guard messageTerm == term, !isLeader else { return refuse(sender) }
    hear(sender, stamp: piece.stamp)
    guard piece.position.index > commit else { return report(.matches(commit)) }
    guard case .follower(var follower) = role else { return }
    var incoming = follower.incoming ?? .init(position: piece.position, data: [])
    if incoming.position != piece.position { incoming = .init(position: piece.position, data: []) }
    if piece.offset == incoming.data.count { incoming.data += piece.bytes }
    let isWhole = incoming.data.count >= piece.total
    follower.incoming = isWhole ? nil : incoming
    role = .follower(follower)
    guard isWhole else {
      return report(.snapshot(piece.position.index, received: incoming.data.count))
    }
    install(Snapshot(position: piece.position, sessions: piece.sessions, data: incoming.data))
    report(.matches(commit))
  }

  private mutating func install(_ snapshot: Snapshot) {
    if log.term(at: snapshot.position.index) == snapshot.position.term {
      log.compact(through: snapshot.position.index)
    } else {
      log.reset(to: snapshot.position)
      queue.forgetLogged()
    }
    self.snapshot = snapshot
    weightAtSnapshot = log.byteCount
    commit = snapshot.position.index
    executed = SessionTable(snapshot.sessions)
    directives.append(.restore(snapshot))
    let unknown = queue.complete(through: snapshot.sessions[id])
    if !unknown.isEmpty { directives.append(.forget(tokens: unknown)) }
    rewriteStorage()
    note(.installedSnapshot(index: commit))
    serveReads()
  }
}
