import EddyNode
import EddyTiming

/// What happens when somebody does not answer.
extension Gossip {
  /// Looks at all peers that owe an answer or are owed one. O(k log k) for k of them.
  func tick(_ node: Node) {
    (lastTickWasLate, lastTick) = (isLate(at: node.now), node.now)
    // After a stall what has come in the meantime is read first.
    guard !lastTickWasLate else { return }
    for peer in links.withSomethingPending {
      answer(peer, on: node)
      if let due = links[peer].retryAt, due <= node.now { retry(peer, on: node) }
      if let since = links[peer].owedSince, acknowledgementIsDue(to: peer, since: since, at: node.now) {
        // News would have to be acknowledged in turn, and so on for ever between two nodes of which
        // one has pushed to the other once.
        send(to: peer, on: node, withNews: false)
      }
      if let due = links[peer].pullAt, due <= node.now { pull(from: peer, on: node) }
    }
    passDownOverdue(on: node)
    checkRoot(on: node)
    rejoin(on: node)
    removeSupersededOrigins()
  }

  /// Whether no tick has come for longer than one takes.
  private func isLate(at now: Instant) -> Bool { now - lastTick > options.tick + options.punctuality }

  /// Whether what comes in may have come during a stall: until a tick has come in time.
  func isCatchingUp(at now: Instant) -> Bool { lastTickWasLate || isLate(at: now) }

  /// An acknowledgement that found no news to ride on goes alone when the peer has been silent
  /// for long, or, when it goes on sending, after twice as long.
  private func acknowledgementIsDue(to peer: Int, since: Instant, at now: Instant) -> Bool {
    let heard = links[peer].lastHeard ?? since
    return now - heard >= options.patience || now - since >= options.patience * 2
  }

  /// Sends again what a peer has not acknowledged, at growing intervals, for as long as this
  /// node is answerable for that peer.
  private func retry(_ peer: Int, on node: Node) {
    if peer == parent { return suspectParent(on: node) }
    links[peer].rewind()
    guard children.contains(peer) || choosingSince != nil else { return links[peer].forgive() }
    let retries = links[peer].retries
    send(to: peer, on: node, complete: true, wantsAnswer: true)
    let interval = links[peer].roundTrip.timeout * (1 << min(retries, 4))
    links[peer].retries = retries + 1
    links[peer].retryAt = node.now + min(interval, options.longestRetry)
  }

  // MARK: A new parent

  /// Gives the parent up: pushes the news that it has not passed on to everybody, and waits a
  /// round trip for those who answer.
  ///
  /// - Parameter silentSince: When it was sent the question that it has not answered.
  func suspectParent(silentSince: Instant? = nil, on node: Node) {
    guard let parent, choosingSince == nil else { return }
    node.log(.info, "suspects its parent", ["parent": node.cluster[parent]])
    links[parent].suspectedAt = silentSince ?? node.now
    links[parent].rewind()
    links[parent].forgive()
    lostRoute = route
    disarm(\.answerTimer, on: node)
    nextFromParent = nil
    disarm(\.batchTimer, on: node)
    let since = node.now
    choosingSince = since
    for peer in links.indices where peer != me && peer != parent {
      // Only what the parent has not passed on has to be pushed.
      links[peer].presume(acknowledged.before, since: node.now, patience: options.patience)
    }
    for peer in links.indices where peer != me {
      send(to: peer, on: node, complete: true, wantsAnswer: true)
    }
    chooseParent(at: since + links[parent].roundTrip.timeout + options.gathering, on: node)
  }

  private func chooseParent(at due: Instant, on node: Node) {
    guard let since = choosingSince, due < choiceTimer?.due ?? due + .milliseconds(1) else { return }
    arm(\.choiceTimer, at: due, afterInput: true, on: node) { [unowned self] in
      chooseParent(amongHeardSince: since, on: $0)
    }
  }

  /// Waits no longer than for those who are a little slower than the first who answers.
  func noteAnswer(of peer: Int, on node: Node) {
    guard let since = choosingSince, let proved = links[peer].lastProved, proved >= since,
      let roundTrip = links[peer].roundTrip.smoothed
    else { return }
    chooseParent(at: node.now + roundTrip / 4 + options.gathering, on: node)
  }

  /// Whether a peer has lost the parent that it has in common with this node, which has never heard of it
  /// either: to wait for it once more would double the time that what the peer pushed takes a detour.
  func hasLostOurParent(_ message: GossipMessage, _ peer: Int) -> Bool {
    guard let parent, message.parent == parent, links[parent].lastHeard == nil else { return false }
    return message.isComplete && message.wantsAnswer && !message.news.isEmpty
  }

  /// Takes the best placed of those who answered: one that has heard of its root since this node
  /// has not; else the one of lowest rank, which will find itself root; else none.
  private func chooseParent(amongHeardSince since: Instant, on node: Node) {
    let answered = links.indices.filter { peer in
      peer != me && links[peer].lastProved.map { $0 >= since } ?? false && links[peer].parent != me
    }
    let placed = answered.compactMap { peer in
      links[peer].route.flatMap { isAlive($0) && $0.root < me ? (peer: peer, route: $0) : nil }
    }
    let best = placed.min {
      ($0.route.root, $0.route.depth, $0.peer) < ($1.route.root, $1.route.depth, $1.peer)
    }
    adopt(best?.peer ?? answered.first { $0 < me }, on: node)
  }

  /// Whether a route's root has been heard of: ever, and after this node lost it.
  private func isAlive(_ route: Route) -> Bool {
    guard route.rootStamp > 0 else { return false }
    guard let lost = lostRoute, lost.root == route.root else { return true }
    return route.rootStamp > lost.rootStamp + options.window.nanoseconds / 2000
  }

  /// Hangs this node below `peer`, or makes it a root.
  func adopt(_ peer: Int?, on node: Node) {
    let former = parent
    choosingSince = nil
    parent = peer
    (nextFromParent, lead, strandedSince, awaitedRoot) = (nil, .zero, nil, nil)
    for timer in [\Gossip.choiceTimer, \.answerTimer, \.batchTimer] { disarm(timer, on: node) }
    if let peer {
      links[peer].suspectedAt = nil
      if let former, former != peer {
        links[peer].presume(links[former].acknowledged, since: node.now, patience: options.patience)
      }
      route =
        links[peer].route.map { Route(root: $0.root, depth: $0.depth + 1, rootStamp: $0.rootStamp) } ?? route
      node.log(.info, "follows", ["parent": node.cluster[peer], "root": node.cluster[route.root]])
      sendBatch(on: node, asChild: true)
      adoptedAt = lastStamp
    } else {
      route = Route(root: me, depth: 0, rootStamp: lastStamp)
      node.log(.info, "takes over as relay")
      startRound(on: node)
    }
    if let former, links[former].suspectedAt == nil, former != peer { send(to: former, on: node) }
  }

  /// Decides, after a message, whether its sender makes a better parent.
  func reconsiderParent(after message: GossipMessage, from peer: Int, on node: Node) {
    guard message.parent != me, let offered = links[peer].route, isProved(peer) else { return }
    if peer == parent {
      route = Route(root: offered.root, depth: offered.depth + 1, rootStamp: offered.rootStamp)
      if let awaited = awaitedRoot, route.isLater(than: awaited.route) || route.root != awaited.route.root {
        awaitedRoot = nil
      }
      // It was only slow: there is nothing to choose any more.
      if choosingSince != nil {
        jitter.add(links[peer].roundTrip.timeout)
        adopt(peer, on: node)
      }
      return leaveIfStranded(on: node)
    }
    if peer == tree.parents[me] {
      if offered.root <= route.root { adopt(peer, on: node) }
    } else if offered.root < route.root, offered.root < me, isAlive(offered) {
      adopt(peer, on: node)
    } else if message.round != nil, parentIsSilent(at: node.now), offered.root < me, isAlive(offered) {
      adopt(peer, on: node)
    } else if message.round != nil {
      // It takes this node for its child: tell it otherwise.
      askForPlace(peer, on: node)
    }
  }

  /// Gives up a parent that for long has known of no root but one that fell silent: nodes may have
  /// taken each other for parents in a circle.
  private func leaveIfStranded(on node: Node) {
    guard !isAlive(route) else {
      strandedSince = nil
      return
    }
    let since = strandedSince ?? node.now
    strandedSince = since
    if node.now - since > options.patience { suspectParent(on: node) }
  }

  /// Gives up a parent that goes on without its root having heard of what it was sent: nodes that have taken
  /// each other for parents in a circle acknowledge everything, and there is no root to spread it.
  private func checkRoot(on node: Node) {
    guard let awaited = awaitedRoot, let parent, choosingSince == nil else { return }
    let silence = node.now - awaited.since
    if silence > options.patience + links[parent].roundTrip.timeout {
      suspectParent(on: node)
    } else if silence > options.patience, !awaited.isAsked {
      awaitedRoot?.isAsked = true
      send(to: parent, on: node, wantsAnswer: true)
    }
  }

  /// Whether a suspected peer has answered something sent since.
  private func isProved(_ peer: Int) -> Bool {
    guard let suspected = links[peer].suspectedAt else { return true }
    return links[peer].lastProved.map { $0 >= suspected } ?? false
  }

  /// Whether the parent's rounds have stopped coming.
  private func parentIsSilent(at now: Instant) -> Bool {
    guard choosingSince == nil else { return true }
    guard let parent, let heard = links[parent].lastHeard else { return false }
    return links[parent].suspectedAt != nil
      || now - heard > options.window * 3 / 2 + links[parent].roundTrip.guardTime
  }

  private func askForPlace(_ peer: Int, on node: Node) {
    if let told = links[peer].lastAsked, node.now - told < options.window { return }
    links[peer].lastAsked = node.now
    send(to: peer, on: node, complete: true)
  }
}
