import EddyTiming

/// The search for a parent that answers.
extension Gossip {
  /// Decides, after a message, whether its sender makes a better parent.
  func reconsiderParent(after message: GossipMessage, from peer: Int, at now: Instant) -> [Directive] {
    guard message.parent != local.index, detector.isProved(peer) else { return [] }
    guard peer != tree.parent else { return followParent(at: now) }
    let standing = tree.standing(
      of: peer, passesRound: message.round != nil,
      isParentSilent: tree.parent.map { detector.isSilent($0, at: now) } ?? false)
    switch standing {
    case .better: return adopt(peer, at: now)
    case .mistaken:
      guard peers[peer].antiEntropy.mayAsk(at: now, interval: options.window) else { return [] }
      return [send(to: peer, at: now, complete: true)]
    case .noMatter: return []
    }
  }

  /// Follows the parent's route as it is now, and leaves a parent that knows of no root that lives.
  private func followParent(at now: Instant) -> [Directive] {
    guard let parent = tree.parent else { return [] }
    tree.followParent()
    var directives: [Directive] = []
    // It was only slow: there is nothing to elect any more.
    if tree.isElecting {
      detector.noteFalseSuspicion(of: parent)
      directives = adopt(parent, at: now)
    }
    return directives + (tree.isStranded(at: now) ? suspectParent(at: now) : [])
  }

  /// Whether a peer has lost the parent that it shares with this node, which has never heard of that parent either.
  /// If this node waited for the parent in turn, the detour of the peer's entries would take twice as long.
  func hasLostOurParent(_ message: GossipMessage) -> Bool {
    guard let parent = tree.parent, message.parent == parent, detector.lastHeard(parent) == nil else {
      return false
    }
    return message.flags.isSuperset(of: [.complete, .replyRequested]) && !message.entries.isEmpty
  }

  /// Suspects the parent: pushes to all others the entries that it has not passed on, and waits a round trip for
  /// answers.
  ///
  /// - Parameter silentSince: When it was sent the question that it has not answered.
  func suspectParent(silentSince: Instant? = nil, at now: Instant) -> [Directive] {
    guard let parent = tree.parent, !tree.isElecting else { return [] }
    detector.suspect(parent, since: silentSince ?? now)
    peers[parent].progress.resetToAcknowledged()
    peers[parent].progress.cancelRetransmission()
    schedule.forgetParent()
    let due = now + detector.timeout(of: parent) + options.gatheringDelay
    tree.beginElection(at: now, choosingAt: due)
    let others = peers.indices.filter { $0 != local.index }
    for peer in others where peer != parent {
      // Only what the parent has not passed on has to be pushed.
      peers[peer].progress.assumeDelivered(tree.passedOn, since: now, allowance(of: peer))
    }
    let pushes = others.map { send(to: $0, at: now, complete: true, replyRequested: true) }
    return [.log(.suspects(parent: parent)), .disarm(.answer), .disarm(.batch)] + pushes + [
      .arm(.election, at: due)
    ]
  }

  /// Waits no longer than for those who are a little slower than the first who answers.
  func hastenElection(afterAnswerOf peer: Int, at now: Instant) -> [Directive] {
    guard let election = tree.election, detector.hasProved(peer, sentSince: election.since),
      let roundTrip = detector.roundTrip(of: peer)
    else { return [] }
    let due = now + roundTrip * Options.electionSpread + options.gatheringDelay
    return tree.hastenElection(to: due) ? [.arm(.election, at: due)] : []
  }

  /// Takes the best placed of those who have answered.
  func electionTimerCame(at now: Instant) -> [Directive] {
    if let due = tree.putOffElection(at: now) { return [.arm(.election, at: due)] }
    guard let election = tree.election else { return [] }
    let answered = peers.indices.filter {
      $0 != local.index && detector.hasProved($0, sentSince: election.since)
    }
    return adopt(tree.bestParent(among: answered), at: now)
  }

  /// Makes this node a child of `peer`, or a root.
  private func adopt(_ peer: Int?, at now: Instant) -> [Directive] {
    let former = tree.parent
    schedule.forgetParent()
    var directives: [Directive] = [.disarm(.election), .disarm(.answer), .disarm(.batch)]
    if let peer {
      directives += follow(peer, insteadOf: former, at: now)
    } else {
      directives += becomeRoot(at: now)
    }
    if let former, former != peer, !detector.isSuspected(former) {
      directives.append(send(to: former, at: now))
    }
    return directives
  }

  private func follow(_ peer: Int, insteadOf former: Int?, at now: Instant) -> [Directive] {
    detector.trust(peer)
    tree.follow(peer)
    if let former, former != peer {
      peers[peer].progress.assumeDelivered(
        peers[former].progress.acknowledged, since: now, allowance(of: peer))
    }
    if lacksEntries(peer) { tree.noteEntriesSentUp(at: now) }
    // The parent has to learn of its child, and what that has.
    let introduction = ask(peer, complete: true, timeout: detector.timeout(of: peer), at: now)
    tree.noteAdoption(local.lastStamp)
    return [.log(.follows(parent: peer, root: tree.route.root))] + introduction
  }

  private func becomeRoot(at now: Instant) -> [Directive] {
    tree.becomeRoot()
    return [.log(.becomesRoot)] + startRound(at: now)
  }
}
