import EddyTiming

/// Messages, as they are sent.
extension Gossip {
  /// Sends a peer the entries it lacks, and the acknowledgements it waits for.
  ///
  /// - Parameters:
  ///   - round: Given when a round is passed down.
  ///   - complete: Whether to acknowledge all that is known here rather than what the peer has sent.
  ///   - withEntries: False to acknowledge only.
  func send(
    to peer: Int, at now: Instant, round: GossipMessage.Round? = nil, complete: Bool = false,
    replyRequested: Bool = false, withEntries: Bool = true
  ) -> Directive {
    var message = makeMessage(to: peer, at: now)
    message.round = round
    let named = complete ? log.named : peers[peer].progress.owed.sorted().filter { log.versions[$0] > 0 }
    message.acknowledgements = named.map { .init(origin: log.origin(at: $0), count: log.versions[$0]) }
    if complete { message.flags.insert(.complete) }
    if replyRequested { message.flags.insert(.replyRequested) }
    // A peer that does not know this node may have been started again, and was not told.
    if tree.isTreeGiven, complete || !peers[peer].knowsThisNode { message.tree = tree.tree }
    let hasEntries = withEntries && lacksEntries(peer)
    if hasEntries { message.entries = peers[peer].progress.entries(of: log) }
    if peer == tree.parent, hasEntries {
      if schedule.hasUrgentEntries { message.flags.insert(.urgent) }
      schedule.hasUrgentEntries = false
    }
    peers[peer].progress.noteSent(at: now)
    peers[peer].progress.clearOwedAcknowledgements()
    if hasEntries { peers[peer].progress.noteSent(log.offered, at: now, allowance(of: peer)) }
    return .send(message, to: peer)
  }

  /// Pushes the entry published last to all peers. It is acknowledged along the tree, and not for this message.
  func pushLatest(at now: Instant) -> [Directive] {
    guard let run = log.latest(of: local.origin) else { return [] }
    return peers.indices.filter { $0 != local.index }.map { peer in
      var message = makeMessage(to: peer, at: now)
      message.flags = .push
      message.entries = [run]
      peers[peer].progress.noteSent(at: now)
      return .send(message, to: peer)
    }
  }

  /// A message that says who and where this node is, and nothing else yet.
  private func makeMessage(to peer: Int, at now: Instant) -> GossipMessage {
    let stamp = local.takeStamp(at: now)
    var route = tree.route
    if tree.parent == nil { route.rootStamp = stamp }
    return GossipMessage(
      incarnation: incarnation, receiver: peers[peer].incarnation, stamp: stamp,
      echo: detector.echo(to: peer, at: now), parent: tree.parent, route: route)
  }

  /// Whether a peer was not sent all that is known here. O(origins).
  func lacksEntries(_ peer: Int) -> Bool { peers[peer].progress.lacksEntries(of: log) }

  /// How long a peer's acknowledgement may take.
  func allowance(of peer: Int) -> PeerProgress.Allowance {
    .init(acknowledgementDelay: options.acknowledgementDelay, timeout: detector.timeout(of: peer))
  }
}
