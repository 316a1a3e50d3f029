import EddyTiming

/// Rounds down the tree, batches up.
extension Gossip {
  /// The nodes that rounds are passed down to, ascending. O(nodes).
  var children: [Int] { tree.children { detector.isSuspected($0) } }

  /// Sees to it that what is new here gets to those to whom it is new.
  ///
  /// Urgent entries go before their time, but not more often than once a tick.
  func spread(at now: Instant) -> [Directive] {
    guard !tree.isElecting else { return [] }
    guard let parent = tree.parent else { return planRound(at: now) }
    schedule.notePassDown(at: now)
    schedule.hasUrgentEntries = schedule.hasUrgentEntries && lacksEntries(parent)
    guard schedule.hasUrgentEntries else { return planBatch(at: now) }
    let due = schedule.urgentDue(after: peers[parent].progress.lastSent, at: now)
    return carryOutBatch(schedule.planBatch(by: due), at: now)
  }

  // MARK: Down

  private func planRound(at now: Instant) -> [Directive] {
    switch schedule.planRound(at: now) {
    case .none: []
    case .send: [.disarm(.round)] + startRound(at: now)
    case .wait(let due): [.arm(.round, at: due)]
    }
  }

  func roundTimerCame(at now: Instant) -> [Directive] {
    schedule.takeRoundTimer()
    return tree.parent == nil ? startRound(at: now) : []
  }

  /// Sends a round, if it has anything to say or was promised.
  func startRound(at now: Instant) -> [Directive] {
    let announcement = schedule.announceRound(at: now, hasEntries: children.contains { waitsForRound($0) })
    let messages = sendRound(announcement, batchOffset: .zero, at: now)
    guard !messages.isEmpty else { return [] }
    schedule.noteRoundSent(announcement, at: now)
    return messages + (schedule.isKeepalivePromised ? planRound(at: now) : [])
  }

  private func waitsForRound(_ child: Int) -> Bool { peers[child].progress.waitsForRound(with: log) }

  /// Passes the parent's round on: this node's own batch was part of it, or is answered by it.
  func passDown(_ round: GossipMessage.Round, at now: Instant) -> [Directive] {
    guard let parent = tree.parent else { return [] }
    let isNewerContact = tree.notePassedRound(acknowledged: peers[parent].progress.acknowledged)
    let arrival = schedule.takeRound(round, at: now, isNewerContact: isNewerContact)
    if let lateness = arrival.lateness { detector.noteLateness(lateness, of: parent) }
    let announcement = RoundSchedule.Announcement(
      next: round.due, isKeepalivePromised: round.isKeepalivePromised)
    let messages = sendRound(announcement, batchOffset: passedBatchOffset, at: now)
    return [.disarm(.batch)] + messages + (arrival.hasBatchMissedSlot ? sendBatch(at: now) : [])
  }

  /// Sends the children what they lack and no round has taken along.
  func passDownOverdue(at now: Instant) -> [Directive] {
    guard schedule.takePassDown(at: now) else { return [] }
    return children.filter(lacksEntries).map { send(to: $0, at: now) }
  }

  private func sendRound(
    _ announcement: RoundSchedule.Announcement, batchOffset: Duration, at now: Instant
  ) -> [Directive] {
    let children = children
    let target = acknowledgementTarget(among: children)
    let receivers = children.filter { schedule.isKeepalivePromised || waitsForRound($0) }
    let isLast = schedule.promise(announcement.isKeepalivePromised)
    return receivers.map { child in
      let round = GossipMessage.Round(
        number: peers[child].takeRoundNumber(), due: announcement.next, batchOffset: batchOffset,
        isKeepalivePromised: announcement.isKeepalivePromised)
      return send(to: child, at: now, round: round, replyRequested: child == target || isLast)
    }
  }

  /// The child that is asked to acknowledge at once what this node has published: the one heard of last, which
  /// is the likeliest to answer; nil if no client waits for replication.
  private func acknowledgementTarget(among children: [Int]) -> Int? {
    guard replicated != nil, local.replicatedCount < publishedCount else { return nil }
    return children.max { detector.lastHeard($0) ?? .zero < detector.lastHeard($1) ?? .zero }
  }

  /// What a child that asks between two rounds has to know of the next; nil if none is due.
  func roundUnderWay(for child: Int, at now: Instant) -> GossipMessage.Round? {
    let next = tree.parent == nil ? schedule.nextRound : schedule.nextFromParent
    guard let next, next > now, children.contains(child) else { return nil }
    return .init(
      number: peers[child].takeRoundNumber(), due: next - now,
      batchOffset: tree.parent == nil ? .zero : passedBatchOffset,
      isKeepalivePromised: schedule.isKeepalivePromised)
  }

  // MARK: Up

  /// How long before a round of the parent a batch must leave to be part of it; nil if nothing was measured.
  private var batchDuration: Duration? {
    tree.parent.flatMap(detector.roundTrip).map { $0 + options.batchMargin }
  }

  /// How long before the parent's round the batches of this node's children have to be here.
  private var passedBatchOffset: Duration { schedule.batchOffset + (batchDuration ?? .zero) }

  /// Plans to send the parent what is new to it.
  func planBatch(at now: Instant) -> [Directive] {
    guard let parent = tree.parent, !tree.isElecting, lacksEntries(parent) else { return [] }
    let action = schedule.planBatch(
      at: now, duration: batchDuration, tolerance: detector.tolerance(of: parent))
    return carryOutBatch(action, at: now)
  }

  private func carryOutBatch(_ action: RoundSchedule.Action, at now: Instant) -> [Directive] {
    switch action {
    case .none: []
    case .send: sendBatch(at: now)
    case .wait(let due): [.arm(.batch, at: due)]
    }
  }

  func batchTimerCame(at now: Instant) -> [Directive] {
    schedule.takeBatchTimer()
    return sendBatch(at: now)
  }

  /// Sends the parent what is new to it, if anything is.
  func sendBatch(at now: Instant) -> [Directive] {
    guard let parent = tree.parent, lacksEntries(parent) else { return [] }
    tree.noteEntriesSentUp(at: now)
    // Where no round is expected the parent is asked for an answer at once. It tells when the next is due, if
    // others have just had one, and it measures the round trip.
    guard let roundTrip = detector.roundTrip(of: parent), let next = schedule.nextFromParent, now < next
    else {
      return ask(parent, timeout: detector.timeout(of: parent), at: now)
    }
    let batch = send(to: parent, at: now)
    guard schedule.answer == nil else { return [batch] }
    let due = max(now + roundTrip + schedule.batchOffset, next) + detector.tolerance(of: parent)
    return [batch, expectAnswer(by: due)]
  }

  /// Sends the parent what it may lack, and asks for an answer at once, which is awaited for `timeout`. Asking
  /// again gives it no more time.
  func ask(_ parent: Int, complete: Bool = false, timeout: Duration, at now: Instant) -> [Directive] {
    let question = send(to: parent, at: now, complete: complete, replyRequested: true)
    guard schedule.answer?.askedAt == nil else { return [question] }
    return [question, expectAnswer(by: now + timeout, askedAt: local.lastStamp)]
  }

  // MARK: The parent's answer

  private func expectAnswer(by due: Instant, askedAt stamp: Timestamp? = nil) -> Directive {
    schedule.expectAnswer(by: due, askedAt: stamp)
    return .arm(.answer, at: due)
  }

  /// Asks a parent that is late, and suspects one that does not answer when asked.
  func answerTimerCame(at now: Instant) -> [Directive] {
    guard let overdue = schedule.takeAnswerTimer(at: now) else { return [] }
    switch overdue {
    case .wait(let due): return [.arm(.answer, at: due)]
    case .overdue(askedAt: let stamp?): return suspectParent(silentSince: stamp.instant, at: now)
    case .overdue(askedAt: nil): break
    }
    guard let parent = tree.parent else { return [] }
    let isSteady = detector.isSteady(parent)
    peers[parent].progress.resetToAcknowledged()
    // Where latencies hardly vary, a round that has not come is lost, and so is most likely the parent. Entries
    // cannot wait for a round trip to be sure: the question is for a parent that lost this round only. Where
    // latencies vary, rounds come late all the time.
    if isSteady || detector.roundTrip(of: parent) == nil { schedule.hasUrgentEntries = lacksEntries(parent) }
    let hasMissedRound = schedule.nextFromParent.map { $0 < now } ?? false
    let timeout = hasMissedRound && isSteady ? options.suspicionTimeout : detector.timeout(of: parent)
    return ask(parent, timeout: timeout, at: now)
  }

  /// Looks whether the parent has answered the batch sent last.
  ///
  /// A batch that came too late for a round is answered by the next. A parent that goes on without answering for
  /// longer does not hear this node.
  func settleAnswer(afterRound: Bool, at now: Instant) -> [Directive] {
    guard let child = tree.child else { return [] }
    let parent = child.parent
    var directives: [Directive] = []
    if let since = peers[parent].progress.unacknowledgedSince {
      if let answer = schedule.answer {
        let isAnswered = answer.askedAt.map { detector.hasProved(parent, $0) } ?? false
        if isAnswered || afterRound {
          let due = max(answerDue(of: parent, toBatchSent: since, at: now), now + options.tick)
          directives.append(expectAnswer(by: due, askedAt: isAnswered ? nil : answer.askedAt))
        }
      }
    } else if detector.hasProved(parent, child.adoptedAt) {
      schedule.cancelAnswer()
      directives.append(.disarm(.answer))
      if afterRound, schedule.isKeepalivePromised, let next = schedule.nextFromParent {
        directives.append(expectAnswer(by: next + detector.tolerance(of: parent)))
      }
    }
    return directives + planBatch(at: now)
  }

  /// When to ask a parent that has not acknowledged a batch by the round that came just now.
  private func answerDue(of parent: Int, toBatchSent since: Instant, at now: Instant) -> Instant {
    let timeout = detector.timeout(of: parent)
    // It is heard, but has never answered: what it was sent was lost, most likely.
    guard let roundTrip = detector.roundTrip(of: parent) else { return max(now, since + timeout) }
    guard detector.isSteady(parent), let next = schedule.nextFromParent else {
      return since + timeout + options.window
    }
    // Where latencies hardly vary a batch that is not acknowledged a round trip later is lost.
    return since + roundTrip < now ? now : next + detector.tolerance(of: parent)
  }
}
