import EddyNode
import EddyTiming

/// What is said, and to whom.
extension Gossip {
  /// Whether a peer has not been sent all that is known here. O(origins).
  func lacksNews(_ peer: Int) -> Bool { !links[peer].sent.covers(log.offered) }

  /// What a peer lacks. O(origins + entries).
  ///
  /// Forgotten entries are passed over only together with all that leaves nothing of them, be it sent already
  /// and perhaps lost: else a receiver would claim to have what it neither has nor can do without.
  private func news(for peer: Int) -> [ReplicatedLog.Run] {
    let unsent = log.runs(beyond: links[peer].sent)
    return unsent.contains(where: \.isForgotten) ? log.runs(beyond: links[peer].acknowledged) : unsent
  }

  /// Sends a peer the news it lacks, and the acknowledgements it waits for.
  ///
  /// - Parameters:
  ///   - round: Given when a round is passed down.
  ///   - complete: Whether to say all that is known here rather than what is new to the peer.
  ///   - withNews: False to acknowledge only.
  func send(
    to peer: Int, on node: Node, round: GossipMessage.Round? = nil, complete: Bool = false,
    wantsAnswer: Bool = false, withNews: Bool = true
  ) {
    let now = node.now
    var message = makeMessage(to: peer, at: now)
    message.round = round
    let named = complete ? log.named : links[peer].owed.sorted().filter { log.versions[$0] > 0 }
    message.have = named.map { .init(origin: log.origin(at: $0), count: log.versions[$0]) }
    message.isComplete = complete
    message.wantsAnswer = wantsAnswer
    // A peer that does not know this node may have been started again, and was not told.
    if hasGivenTree, complete || !links[peer].knowsThisNode { message.tree = tree }
    let hasNews = withNews && lacksNews(peer)
    if hasNews { message.news = news(for: peer) }
    if peer == parent, hasNews {
      message.isUrgent = hasUrgentNews
      hasUrgentNews = false
    }
    write(message, to: peer, on: node)
    links[peer].settleDebts()
    guard hasNews else { return }
    links[peer].markSent(log.offered, at: now, patience: options.patience)
  }

  /// Answers what a peer has asked: at once, or, if it asked for all that is here, when others that have
  /// lost their parent at the same moment have told what they have, too.
  func answerSoon(_ peer: Int, on node: Node) {
    guard links[peer].question == .all else { return answer(peer, on: node) }
    node.after(options.gathering) { self.answer(peer, on: $0) }
  }

  /// Answers what a peer has asked, if anything.
  func answer(_ peer: Int, on node: Node) {
    guard let question = links[peer].question else { return }
    send(to: peer, on: node, round: roundUnderWay(for: peer, at: node.now), complete: question == .all)
  }

  /// Sends everybody the entry published last, and waits for no acknowledgement: that is for the tree.
  func pushLatest(on node: Node) {
    guard let run = log.latest(of: ownOrigin) else { return }
    for peer in links.indices where peer != me {
      var message = makeMessage(to: peer, at: node.now)
      message.isPush = true
      message.news = [run]
      write(message, to: peer, on: node)
    }
  }

  /// A message that says who and where this node is, and nothing else yet.
  private func makeMessage(to peer: Int, at now: Instant) -> GossipMessage {
    lastStamp = max(lastStamp + 1, now.nanoseconds / 1000)
    return GossipMessage(
      incarnation: incarnation, receiver: links[peer].incarnation, stamp: lastStamp,
      echo: links[peer].latestStamp.map { .init(stamp: $0.stamp, held: now - $0.at) }, parent: parent,
      root: route.root, depth: route.depth, rootStamp: parent == nil ? lastStamp : route.rootStamp)
  }

  private func write(_ message: GossipMessage, to peer: Int, on node: Node) {
    node.send(to: node.cluster[peer], type: GossipMessage.type) { message.write(to: &$0) }
    links[peer].lastSent = node.now
    links[peer].lastSentStamp = lastStamp
  }
}
