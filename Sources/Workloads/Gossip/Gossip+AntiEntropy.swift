import EddyNode
import EddyTiming

/// How nodes find out what they lack, and who is who.
///
/// Anti-entropy by version vectors (van Renesse et al., "Efficient reconciliation and flow control for
/// anti-entropy protocols", 2008): whenever a peer is known to have what is not covered here, it is pulled,
/// until it comes or somebody else has taught it. A *complete* message names all that its sender has; what
/// the sender does not name it lacks.
///
/// Incarnations are ordered by the time at which they began. What a message says of the receiver holds for
/// the incarnation that it names only: an echo of a former one measures nothing, and counts on what that one
/// had. A clock may have gone back while a node was down. Then its peers, who know a later incarnation, name
/// that one, and the node takes a still later one (as members of SWIM refute what is said of them: Das et
/// al., "SWIM", 2002).
extension Gossip {
  /// This node's incarnation.
  var incarnation: Int { log.origin(at: ownOrigin).incarnation }

  /// Begins an incarnation later than any that was heard of.
  func takeIncarnation(on node: Node) {
    // In the high bits the time in milliseconds; in the others chance, for a node may start twice within one.
    let drawn = Int(node.now.nanoseconds / 1_000_000) << 8 | node.random.below(1 << 8)
    let latest = log.latestIncarnation(of: me).map { $0 + 1 } ?? 0
    let incarnation = min(max(drawn, latest, 0), GossipMessage.incarnations.upperBound - 1)
    let origin = log.index(of: Origin(node: me, incarnation: incarnation))
    if ownOrigins.last != origin { ownOrigins.append(origin) }
  }

  /// Whether a message is to this incarnation.
  func isAddressed(_ message: GossipMessage) -> Bool { message.receiver == incarnation }

  /// Whether a message is to another incarnation of this node, and counts on what that one had.
  func isMistaken(_ message: GossipMessage) -> Bool { message.receiver != nil && !isAddressed(message) }

  func noteIncarnations(of message: GossipMessage, from peer: Int) {
    _ = log.index(of: Origin(node: peer, incarnation: message.incarnation))
    if let receiver = message.receiver { _ = log.index(of: Origin(node: me, incarnation: receiver)) }
    if isAddressed(message) { links[peer].knowsThisNode = true }
  }

  /// Takes from a message of a former incarnation what holds still: its entries. It may be a late one; or the
  /// sender's clock has gone back, and it has to know of the later incarnation that it had.
  func receiveFromFormer(_ message: GossipMessage, of peer: Int, on node: Node) {
    var learnt = false
    for run in message.news where !run.isForgotten {
      learnt = apply(run, of: message)?.isEmpty == false || learnt
    }
    if learnt { spread(on: node) }
    if mayAsk(peer, at: node.now) { send(to: peer, on: node, complete: true) }
  }

  /// Asks a peer for what is missing here, once a round trip.
  func askForMissing(_ peer: Int, on node: Node) {
    if mayAsk(peer, at: node.now) { send(to: peer, on: node, complete: true, wantsAnswer: true) }
  }

  private func mayAsk(_ peer: Int, at now: Instant) -> Bool {
    if let asked = links[peer].lastAsked, now - asked < links[peer].roundTrip.timeout { return false }
    links[peer].lastAsked = now
    return true
  }

  /// Pulls what a peer has had for long, if nobody has taught it meanwhile.
  func pull(from peer: Int, on node: Node) {
    links[peer].noteLack(of: log.versions, pullAt: node.now)
    guard let due = links[peer].pullAt, due <= node.now else { return }
    send(to: peer, on: node, complete: true, wantsAnswer: true)
    links[peer].notePull(at: node.now, longest: options.longestRetry)
  }

  /// Probes the place in the tree that this node has left, to rejoin it, and the neighbours there that are
  /// not known to know this incarnation: it may have been started again, and have everything to learn.
  func rejoin(on node: Node) {
    let home = tree.parents[me]
    // Where one component has its root the news of all of it are: it is the one to find others.
    let interval = parent == nil && home != nil ? options.longestRetry : options.homing
    guard node.now - lastHoming >= interval else { return }
    lastHoming = node.now
    var probed = (home.map { [$0] } ?? children).filter { !links[$0].knowsThisNode }
    if let home, home != parent, !probed.contains(home) { probed.append(home) }
    // Nobody at all may know it, and home may be down: others are probed too, one after the other.
    if !links.indices.contains(where: { links[$0].knowsThisNode }) {
      let other = probes % links.count
      if probes > 0, other != me, !probed.contains(other) { probed.append(other) }
      probes += 1
    }
    for peer in probed { send(to: peer, on: node, complete: true, wantsAnswer: true) }
  }

  /// Gives up the numbers of origins of which nothing is left, as long as nobody waits to be told of them.
  func removeSupersededOrigins() {
    let removed = log.removeSuperseded { origin in
      !ownOrigins.contains(origin) && !links.indices.contains { links[$0].owed.contains(origin) }
    }
    for origin in removed {
      for peer in links.indices { links[peer].reset(origin) }
      acknowledged.byLastRound.reset(origin)
      acknowledged.before.reset(origin)
    }
  }
}
