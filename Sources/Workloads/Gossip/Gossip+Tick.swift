import EddyTiming

/// What is looked at every tick: replies, retransmissions, acknowledgements, pulls.
extension Gossip {
  /// Looks at all peers with something pending. O(k log k) for k of them, and O(nodes) for the tree.
  func tick(at now: Instant) -> [Directive] {
    // After a stall what has come in the meantime is read first.
    guard !detector.noteTick(at: now) else { return [] }
    var directives: [Directive] = []
    for peer in peers.pendingIndices {
      directives += reply(to: peer, at: now)
      directives += retransmit(to: peer, at: now)
      if isAcknowledgementDue(to: peer, at: now) {
        // Entries would have to be acknowledged in turn: two nodes would acknowledge each other for ever.
        directives.append(send(to: peer, at: now, withEntries: false))
      }
      directives += pull(from: peer, at: now)
    }
    directives += passDownOverdue(at: now)
    directives += checkRoot(at: now)
    directives += probe(at: now)
    removeSupersededOrigins()
    return directives
  }

  /// Sends again what a peer has not acknowledged, at growing intervals, for as long as this node is answerable
  /// for that peer.
  private func retransmit(to peer: Int, at now: Instant) -> [Directive] {
    guard let due = peers[peer].progress.retryAt, due <= now else { return [] }
    if peer == tree.parent { return suspectParent(at: now) }
    peers[peer].progress.resetToAcknowledged()
    guard tree.isElecting || children.contains(peer) else {
      peers[peer].progress.cancelRetransmission()
      return []
    }
    let message = send(to: peer, at: now, complete: true, replyRequested: true)
    peers[peer].progress.noteRetry(
      at: now, timeout: detector.timeout(of: peer), longest: options.longestRetry)
    return [message]
  }

  private func isAcknowledgementDue(to peer: Int, at now: Instant) -> Bool {
    peers[peer].progress.isAcknowledgementDue(
      lastHeard: detector.lastHeard(peer), after: options.acknowledgementDelay, at: now)
  }

  /// Pulls what a peer has and this node still lacks.
  private func pull(from peer: Int, at now: Instant) -> [Directive] {
    guard let due = peers[peer].antiEntropy.pullAt, due <= now else { return [] }
    comparePeer(peer, pullAt: now)
    guard peers[peer].antiEntropy.pullAt != nil else { return [] }
    let message = send(to: peer, at: now, complete: true, replyRequested: true)
    peers[peer].antiEntropy.notePull(
      at: now, timeout: detector.timeout(of: peer), longest: options.longestRetry)
    return [message]
  }

  /// Compares what is here with what a peer has.
  func comparePeer(_ peer: Int, pullAt due: Instant) {
    peers[peer].antiEntropy.compare(
      local: log.versions, remote: peers[peer].progress.acknowledged, pullAt: due)
  }

  /// Gives up a parent that goes on without its root having heard of what it was sent.
  private func checkRoot(at now: Instant) -> [Directive] {
    guard let parent = tree.parent else { return [] }
    switch tree.checkRoot(at: now, timeout: detector.timeout(of: parent)) {
    case .wait: return []
    case .askParent: return [send(to: parent, at: now, replyRequested: true)]
    case .giveUpParent: return suspectParent(at: now)
    }
  }

  private func probe(at now: Instant) -> [Directive] {
    let probed = tree.takeProbes(
      at: now, isSuspected: { detector.isSuspected($0) }, knowsThisNode: { peers[$0].knowsThisNode })
    return probed.map { send(to: $0, at: now, complete: true, replyRequested: true) }
  }

  /// Frees the local indices of superseded origins of which no peer is owed an acknowledgement.
  private func removeSupersededOrigins() {
    let removed = log.removeSuperseded { origin in
      !local.origins.contains(origin)
        && !peers.indices.contains { peers[$0].progress.owed.contains(origin) }
    }
    for origin in removed {
      for peer in peers.indices { peers[peer].progress.reset(origin) }
      tree.reset(origin)
    }
  }
}
