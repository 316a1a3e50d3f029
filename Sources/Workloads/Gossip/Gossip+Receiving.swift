import EddyNode
import EddyTiming

/// What becomes of a message.
extension Gossip {
  func receive(_ message: GossipMessage, from peer: Int, on node: Node) {
    if let known = links[peer].incarnation, message.incarnation < known {
      return receiveFromFormer(message, of: peer, on: node)
    }
    let isOvertaken = isOvertaken(message, from: peer)
    let isNeighbour = peer == parent || links[peer].parent == me
    let stampBefore = lastStamp
    let isNewIncarnation = links[peer].meet(message.incarnation)
    noteIncarnations(of: message, from: peer)
    measure(message, from: peer, at: node.now)
    takeAcknowledgements(message, from: peer, isOvertaken: isOvertaken)
    let (learnt, learntOfOthers, gap) = takeNews(message, from: peer, at: node.now)
    noteReplication(to: peer, on: node)
    let missedRound = noticeRound(message, from: peer)
    takeTree(message)
    if log.latestIncarnation(of: me) != incarnation { takeIncarnation(on: node) }

    if !isOvertaken {
      links[peer].parent = message.parent
      links[peer].route = Route(root: message.root, depth: message.depth, rootStamp: message.rootStamp)
      reconsiderParent(after: message, from: peer, on: node)
    }

    if hasLostOurParent(message, peer) { suspectParent(on: node) }
    noteAnswer(of: peer, on: node)
    links[peer].noteLack(of: log.versions, pullAt: node.now + options.patience)
    if gap || missedRound || isNewIncarnation || isMistaken(message), !message.wantsAnswer {
      askForMissing(peer, on: node)
    }
    if peer == parent, !isOvertaken {
      if let round = message.round { passDown(round, on: node) }
      settleAnswer(afterRound: message.round != nil, on: node)
    }
    // What came round about, because somebody has lost its parent or found a new one, is late already.
    if isNeighbour ? message.isUrgent && learnt : learnt && !message.isPush { hasUrgentNews = true }
    if learnt || message.isComplete { spread(on: node) }
    // Whatever the above has sent it answers the peer.
    if message.wantsAnswer, links[peer].lastSentStamp <= stampBefore {
      let isNew = links[peer].beAsked(forAll: message.isComplete)
      // One answer is enough for all that it asked during a stall.
      if isNew, !isCatchingUp(at: node.now) { answerSoon(peer, on: node) }
    }
  }

  /// Whether a message is a copy, or left before another that is here already: what it tells of the
  /// log holds still, what it tells of its sender does not.
  private func isOvertaken(_ message: GossipMessage, from peer: Int) -> Bool {
    guard message.incarnation == links[peer].incarnation else { return false }
    return message.stamp <= links[peer].latestStamp?.stamp ?? .min
  }

  private func measure(_ message: GossipMessage, from peer: Int, at now: Instant) {
    links[peer].lastHeard = now
    if !isOvertaken(message, from: peer) { links[peer].latestStamp = (message.stamp, now) }
    guard let echo = message.echo, isAddressed(message) else { return }
    let sentAt = Instant(nanoseconds: echo.stamp * 1000)
    let sample = now - sentAt - echo.held
    if let expected = links[peer].roundTrip.smoothed { jitter.add(max(sample - expected, expected - sample)) }
    links[peer].roundTrip.add(sample)
    links[peer].lastProved = max(links[peer].lastProved ?? .zero, sentAt)
  }

  private func takeAcknowledgements(_ message: GossipMessage, from peer: Int, isOvertaken: Bool) {
    var known = VersionVector()
    for entry in message.have { known.raise(log.index(of: entry.origin), to: entry.count) }
    if message.isComplete, !isOvertaken {
      // It lacks what it does not name, whatever it was taken to have.
      links[peer].has(exactly: known)
    } else {
      for entry in message.have { links[peer].has(log.index(of: entry.origin), entry.count) }
    }
    if !message.have.isEmpty { links[peer].acknowledge() }
  }

  /// Returns whether anything was new, and whether entries are missing before what came.
  private func takeNews(_ message: GossipMessage, from peer: Int, at now: Instant) -> (
    learnt: Bool, learntOfOthers: Bool, gap: Bool
  ) {
    var (learnt, learntOfOthers, gap) = (false, false, false)
    for run in message.news {
      let origin = log.index(of: run.origin)
      links[peer].has(origin, run.end)
      if !message.isPush { links[peer].owe(origin, since: now) }
      if let new = apply(run, of: message) {
        learnt = learnt || !new.isEmpty
        learntOfOthers = learntOfOthers || (!new.isEmpty && run.origin.node != peer)
      } else {
        gap = true
      }
    }
    return (learnt, learntOfOthers, gap)
  }

  /// Adds a run's entries to the log, and delivers them; nil if it cannot be applied.
  ///
  /// What leaves nothing of forgotten entries is in the same message, unless the receiver has it already. A
  /// message to a former incarnation counts on what that one had: of such, only entries are taken.
  func apply(_ run: ReplicatedLog.Run, of message: GossipMessage) -> [ReplicatedLog.Entry]? {
    if run.isForgotten, isMistaken(message) { return nil }
    guard case .new(let entries) = log.apply(run) else { return nil }
    let origin = log.index(of: run.origin)
    for entry in entries { deliver(self, entry.value, EntryID(origin: origin, number: entry.number)) }
    return entries
  }

  /// Notes how much of what this node published somebody else is now known to have.
  private func noteReplication(to peer: Int, on node: Node) {
    var count = 0
    for origin in ownOrigins {
      let acknowledged = links[peer].acknowledged[origin]
      count += min(acknowledged, log.versions[origin])
      if acknowledged < log.versions[origin] { break }
    }
    guard count > replicatedCount else { return }
    replicatedCount = count
    replicated?(count, node)
  }

  /// Returns whether a round before this one is missing.
  private func noticeRound(_ message: GossipMessage, from peer: Int) -> Bool {
    guard let number = message.round?.number, !isMistaken(message) else { return false }
    defer { links[peer].expectedRound = max(links[peer].expectedRound, number + 1) }
    return number > links[peer].expectedRound
  }

  /// A node that was started again is told of the tree by those who were given it.
  private func takeTree(_ message: GossipMessage) {
    guard let given = message.tree, !hasGivenTree else { return }
    hasGivenTree = true
    if given != tree { enter(given) }
  }
}
