import EddyNode
import EddyTiming

/// What becomes of a message, in four steps: merge, observe, schedule, reply.
extension Gossip {
  /// A message, and what it has brought so far.
  private struct Turn {
    let message: GossipMessage
    let peer: Int
    let now: Instant
    /// Whether the message is a copy, or left before another that is here already. What it says of the log still
    /// holds; what it says of its sender does not.
    let isOvertaken: Bool
    /// Whether entries come along the tree from the sender.
    let isFromNeighbour: Bool
    /// Whether an entry was new.
    var hasLearnt = false
    /// Whether something is missing that the sender has, or the sender does not know who this node is.
    var hasToAsk = false
  }

  func receive(_ message: GossipMessage, from peer: Int, on node: Node) {
    let known = peers[peer].incarnation
    if let known, message.incarnation < known { return receiveFromFormer(message, of: peer, on: node) }
    var turn = Turn(
      message: message, peer: peer, now: node.now,
      isOvertaken: message.incarnation == known && detector.isOvertaken(message.stamp, from: peer),
      isFromNeighbour: tree.isNeighbour(peer))
    // The workload may forget entries when it gets others: the steps below must see that.
    carryOut(merge(&turn), on: node)
    var directives = observe(&turn, &node.random)
    directives += schedule(turn)
    directives += reply(turn, after: directives)
    carryOut(directives, on: node)
  }

  /// Takes from a message of a former incarnation what still holds: its entries. The message may be a late one;
  /// or the sender's clock has gone back, and it has to learn of the later incarnation that it had.
  private func receiveFromFormer(_ message: GossipMessage, of peer: Int, on node: Node) {
    var deliveries: [Directive] = []
    for run in message.entries where !run.isForgotten { _ = apply(run, of: message, &deliveries) }
    carryOut(deliveries, on: node)
    let spreading = deliveries.isEmpty ? [] : spread(at: node.now)
    let mayAsk = peers[peer].antiEntropy.mayAsk(at: node.now, interval: detector.timeout(of: peer))
    carryOut(spreading + (mayAsk ? [send(to: peer, at: node.now, complete: true)] : []), on: node)
  }

  /// Whether a message is to another incarnation of this node, and counts on what that one had.
  private func isMistaken(_ message: GossipMessage) -> Bool {
    message.receiver != nil && message.receiver != incarnation
  }

  /// This node's incarnation.
  var incarnation: Int { log.origin(at: local.origin).incarnation }
}

// MARK: - Merge

extension Gossip {
  /// Takes incarnations, acknowledgements and entries.
  private func merge(_ turn: inout Turn) -> [Directive] {
    let (message, peer) = (turn.message, turn.peer)
    if peers[peer].noteIncarnation(message.incarnation) {
      detector.forgetStamps(of: peer)
      turn.hasToAsk = true
    }
    _ = log.index(of: Origin(node: peer, incarnation: message.incarnation))
    if let receiver = message.receiver { _ = log.index(of: Origin(node: local.index, incarnation: receiver)) }
    if message.receiver == incarnation { peers[peer].knowsThisNode = true }
    mergeAcknowledgements(turn)
    return mergeEntries(&turn) + noteReplication(to: peer)
  }

  private func mergeAcknowledgements(_ turn: Turn) {
    let peer = turn.peer
    var known = VersionVector()
    for entry in turn.message.acknowledgements { known.raise(log.index(of: entry.origin), to: entry.count) }
    if turn.message.flags.contains(.complete), !turn.isOvertaken {
      // It lacks what it does not name, whatever it was assumed to have.
      peers[peer].progress.noteHas(exactly: known)
    } else {
      for entry in turn.message.acknowledgements {
        peers[peer].progress.noteHas(log.index(of: entry.origin), entry.count)
      }
    }
    if !turn.message.acknowledgements.isEmpty { peers[peer].progress.noteAcknowledgement() }
  }

  private func mergeEntries(_ turn: inout Turn) -> [Directive] {
    var deliveries: [Directive] = []
    for run in turn.message.entries {
      let origin = log.index(of: run.origin)
      peers[turn.peer].progress.noteHas(origin, run.end)
      if !turn.message.flags.contains(.push) {
        peers[turn.peer].progress.noteOwedAcknowledgement(of: origin, since: turn.now)
      }
      if !apply(run, of: turn.message, &deliveries) { turn.hasToAsk = true }
    }
    turn.hasLearnt = !deliveries.isEmpty
    return deliveries
  }

  /// Adds a run to the log, and appends the delivery of its new entries. Returns whether it could be applied.
  ///
  /// What supersedes forgotten entries is in the same message, unless the receiver has it already. A message to a
  /// former incarnation counts on what that one had: of such, only entries are taken.
  private func apply(
    _ run: ReplicatedLog.Run, of message: GossipMessage, _ deliveries: inout [Directive]
  ) -> Bool {
    if run.isForgotten, isMistaken(message) { return false }
    guard case .new(let entries) = log.apply(run) else { return false }
    if !entries.isEmpty { deliveries.append(.deliver(entries, origin: log.index(of: run.origin))) }
    return true
  }

  private func noteReplication(to peer: Int) -> [Directive] {
    let acknowledged = peers[peer].progress.acknowledged
    guard local.noteReplication(in: log, acknowledged: acknowledged) else { return [] }
    return [.reportReplication(local.replicatedCount)]
  }
}

// MARK: - Observe

extension Gossip {
  /// Learns who answers how fast, and who is where in the tree; changes the parent if that demands it.
  private func observe(_ turn: inout Turn, _ random: inout SeededGenerator) -> [Directive] {
    let (message, peer) = (turn.message, turn.peer)
    detector.noteMessage(message.stamp, from: peer, at: turn.now)
    if let echo = message.echo, message.receiver == incarnation {
      detector.noteEcho(echo, from: peer, at: turn.now)
    }
    if let round = message.round, !isMistaken(message), peers[peer].noteRound(round.number) {
      turn.hasToAsk = true
    }
    if let given = message.tree { tree.take(given: given) }
    local.takeIncarnation(in: &log, at: turn.now, &random)
    if isMistaken(message) { turn.hasToAsk = true }

    var directives: [Directive] = []
    if !turn.isOvertaken {
      tree.notePosition(of: peer, parent: message.parent, route: message.route)
      directives += reconsiderParent(after: message, from: peer, at: turn.now)
    }
    if hasLostOurParent(message) { directives += suspectParent(at: turn.now) }
    return directives + hastenElection(afterAnswerOf: peer, at: turn.now)
  }
}

// MARK: - Schedule

extension Gossip {
  /// Decides when to pull what is missing, and when to send on what is new.
  private func schedule(_ turn: Turn) -> [Directive] {
    let (message, peer, now) = (turn.message, turn.peer, turn.now)
    comparePeer(peer, pullAt: now + options.acknowledgementDelay)
    var directives: [Directive] = []
    if turn.hasToAsk, !message.flags.contains(.replyRequested) { directives += askForMissing(peer, at: now) }
    if peer == tree.parent, !turn.isOvertaken {
      if let round = message.round { directives += passDown(round, at: now) }
      directives += settleAnswer(afterRound: message.round != nil, at: now)
    }
    // What did not come along the tree, because a node has lost its parent or found a new one, is late already.
    let isLate = turn.isFromNeighbour ? message.flags.contains(.urgent) : !message.flags.contains(.push)
    if turn.hasLearnt, isLate { schedule.hasUrgentEntries = true }
    if turn.hasLearnt || message.flags.contains(.complete) { directives += spread(at: now) }
    return directives
  }

  /// Asks a peer for what is missing here, once a round trip.
  private func askForMissing(_ peer: Int, at now: Instant) -> [Directive] {
    guard peers[peer].antiEntropy.mayAsk(at: now, interval: detector.timeout(of: peer)) else { return [] }
    return [send(to: peer, at: now, complete: true, replyRequested: true)]
  }
}

// MARK: - Reply

extension Gossip {
  /// Replies to a request, unless something was sent to the peer in this turn, which has answered it.
  private func reply(_ turn: Turn, after directives: [Directive]) -> [Directive] {
    let (peer, flags) = (turn.peer, turn.message.flags)
    guard flags.contains(.replyRequested), !directives.contains(where: { $0.isMessage(to: peer) }) else {
      return []
    }
    let isNew = peers[peer].progress.noteRequest(forEverything: flags.contains(.complete))
    // One reply is enough for all that it asked during a stall.
    guard isNew, !detector.isCatchingUp(at: turn.now) else { return [] }
    guard peers[peer].progress.request == .everything else { return reply(to: peer, at: turn.now) }
    let timer = Timer.reply(to: peer)
    return timers[timer] == nil ? [.arm(timer, at: turn.now + options.gatheringDelay)] : []
  }

  /// Replies to what a peer has asked, if it has not been answered.
  func reply(to peer: Int, at now: Instant) -> [Directive] {
    guard let request = peers[peer].progress.request else { return [] }
    let round = roundUnderWay(for: peer, at: now)
    return [send(to: peer, at: now, round: round, complete: request == .everything)]
  }
}
