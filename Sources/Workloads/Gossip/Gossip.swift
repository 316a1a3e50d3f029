public import Node
import Timing

/// Spreads what each node publishes to all others: a versioned log a node, news in rounds along
/// a tree, repair by version vectors.
///
/// **Rounds.** The root sends its children what they lack at most once a window, and at once
/// after idleness; they pass it down at once. A round says when the next is due; once rounds come on
/// end it promises it, so that silence means something even to a node that has sent nothing. A node sends
/// what it has gathered, if anything, one measured round trip before that, so that the
/// batches of all nodes arrive together, just in time: a value waits one window at most. No
/// synchronized clocks are needed, and n nodes send at most 2(n − 1) messages a window,
/// however much is published.
///
/// **Acknowledgements** ride on news: a batch says how far the sender has what the receiver
/// sent. Only a node that has been silent for long says so in a message of its own.
///
/// **Repair** (see `Gossip+Repair.swift`). A 100 ms tick drives adaptive timeouts per peer
/// (RFC 6298). A node whose parent's round is later than rounds were before asks the parent for an
/// answer; if none comes (or, where latencies hardly vary, if it says nothing within a moment), it
/// pushes its news to everybody (eager push), and hangs itself below the best-placed node that answers;
/// where there is none, it becomes a root. Pushed news are late: others pass them on before the next round,
/// and answer those who ask when they have gathered what came at the same moment. A receiver that notices
/// a gap asks for it (anti-entropy by version vectors, as van Renesse et al., "Efficient
/// reconciliation and flow control for anti-entropy protocols",
/// 2008). Unreachable nodes are tried again for as long as they lack something: when the
/// network heals, everything is everywhere after a retry and the hops of the tree.
///
/// An idle cluster in which everybody has everything is silent.
public final class Gossip {
  public struct Options: Sendable {
    /// Whether a node sends what it publishes to all others at once, too: one hop instead of a window
    /// and two, at n − 1 messages an entry. Rounds then repair what got lost.
    public var isDirect = false
    /// The time between two rounds: what a value waits at most, on top of the hops of the tree.
    public var window: Duration
    /// How often unanswered peers are looked at.
    public var tick = Duration.milliseconds(100)
    /// The longest time between two attempts at a peer that does not answer.
    public var longestRetry = Duration.milliseconds(400)
    /// How often a node that left its place in the tree looks whether it is free again.
    public var homing = Duration.seconds(2)
    /// How late a timer may be. A node whose timers come later was stalled itself.
    public var punctuality = Duration.milliseconds(10)
    /// How long before it is needed a batch is there, in long windows.
    public var margin = Duration.milliseconds(25)
    /// For how long urgent news are gathered: when a parent is cut off several nodes find out at once.
    public var gathering = Duration.milliseconds(10)
    /// How long a parent that has missed a round is given to speak, where latencies hardly vary.
    public var grace = Duration.milliseconds(25)
    /// After how many rounds on end the root promises another, whether there will be news or not.
    public var steadiness = 5
    /// Which entries are kept, and sent to those who lack them.
    var retention = ReplicatedLog.Retention.all

    public init(window: Duration) { self.window = window }

    /// How long a node may keep an acknowledgement to itself when no news take it along. Longer
    /// than a window, so that under load it always rides on something.
    var patience: Duration { max(.seconds(1), window * 5 / 4) }
  }

  let options: Options
  /// Runs for every entry that becomes known here, this node's own included, once each.
  private let deliver: (RawJSON, EntryID) -> Void
  /// Called, if set, when ``replicatedCount`` has grown. Then rounds that take along what this node has
  /// published ask one child to acknowledge them at once.
  var replicated: ((_ count: Int, Node) -> Void)?
  /// How many entries of this node's own somebody else has proved to have.
  private(set) var replicatedCount = 0

  var log: ReplicatedLog
  /// This node's origin in ``log``.
  private var own = 0
  var links = Links(count: 0)
  var tree = SpanningTree.star(1)
  private(set) var me = 0

  /// The node that batches go up to; nil at the root.
  var parent: Int?
  var route = Route(root: 0, depth: 0, rootStamp: 0)
  /// The route that the latest round came along.
  var passedRoute: Route?
  /// The route this node was on when its parent fell silent.
  var lostRoute: Route?
  /// Since when the parent has known of no other.
  var strandedSince: Instant?

  /// When the latest round was sent from here that was due; rounds before their time do not count.
  var lastRound: Instant?
  /// When the latest round of any kind was.
  var lastBeat: Instant?
  var roundTimer: (id: TimerID, due: Instant)?
  /// When the parent's next round should come, and how much earlier than for that a batch has
  /// to be there.
  var nextFromParent: Instant?
  var lead = Duration.zero
  /// How many rounds have been sent on end, at the root.
  var steadyRounds = 0
  /// Whether the latest round promised another.
  var hasPromised = false
  var batchTimer: (id: TimerID, due: Instant)?
  /// When the parent's answer to a batch is overdue; nil if none is awaited.
  var answerDue: Instant?
  /// What the parent had acknowledged by its last round, and by the one before: the latter it has
  /// passed on, if it ever does.
  var acknowledged = (byLastRound: VersionVector(), before: VersionVector())
  /// Whether news are here that are late already.
  var hasUrgentNews = false
  var jitter = JitterEstimator()
  /// The stamp of the message that asked the parent to give that answer at once; nil if none did.
  var askedAt: Int64?
  /// Set while this node waits to hear who could be its new parent.
  var choosingSince: Instant?
  /// The stamp of the message that told the parent of its adoption; the proof that it has heard that
  /// or a later one confirms it.
  var adoptedAt: Int64 = 0
  var lastHoming = Instant.zero
  var lastTick = Instant.zero
  /// Whether that tick came late: this node had been stalled, and may still find much that came meanwhile.
  var lastTickWasLate = false
  /// The stamp of the message sent last; each is greater than the one before.
  private(set) var lastStamp: Int64 = 0

  /// - Parameter deliver: Called with each entry once, in an order that differs between nodes.
  public convenience init(_ options: Options, deliver: @escaping (RawJSON) -> Void) {
    self.init(options) { entry, _ in deliver(entry) }
  }

  /// - Parameter deliver: Gets with each entry what ``forget(_:)`` knows it by.
  init(_ options: Options, deliver: @escaping (RawJSON, EntryID) -> Void) {
    self.options = options
    self.deliver = deliver
    log = ReplicatedLog(retention: options.retention)
  }
}

// MARK: - Workload's side

extension Gossip {
  /// Takes this node's place in `tree`, by default ``SpanningTree/balanced(_:)``; call it when the node starts.
  public func start(on node: Node, tree: SpanningTree? = nil) {
    me = node.index
    own = log.place(of: Origin(node: me, incarnation: node.random.below(1 << 31)))
    links = Links(count: node.cluster.count)
    take(tree ?? .balanced(node.cluster.count), on: node)
    lastTick = node.now
    // Others may be yet to start: nobody is spoken to for a while unless there is something to say.
    lastHoming = node.now
    node.every(options.tick) { self.tick($0) }
  }

  /// Changes the tree, on which all nodes have to agree.
  public func take(_ tree: SpanningTree, on node: Node) {
    precondition(tree.parents.count == links.count, "a tree has all nodes of the cluster")
    self.tree = tree
    parent = tree.parents[me]
    route = Route(root: tree.root, depth: parent == nil ? 0 : 1, rootStamp: 0)
    for peer in links.indices { links[peer].parent = tree.parents[peer] }
  }

  /// Appends an entry of this node's own and spreads it.
  public func publish(_ entry: RawJSON, on node: Node) {
    let id = log.append(entry, origin: own)
    deliver(entry, id)
    if options.isDirect { pushLatest(on: node) }
    spread(on: node)
  }

  /// Tells that later entries, known here, leave nothing of this one: nobody who lacks it need get it.
  func forget(_ entry: EntryID) { log.forget(entry) }

  /// How many entries this node has published.
  var publishedCount: Int { log.versions[own] }

  /// Handles a message of type `gossip`.
  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    guard let peer = node.cluster.firstIndex(of: message.source), peer != me else {
      throw .malformedRequest("gossip comes from the nodes of the cluster")
    }
    receive(try GossipMessage(message, nodes: links.count), from: peer, on: node)
  }
}

// MARK: - Receiving

extension Gossip {
  private func receive(_ message: GossipMessage, from peer: Int, on node: Node) {
    let isOvertaken = isOvertaken(message, from: peer)
    let isNeighbour = peer == parent || links[peer].parent == me
    let stampBefore = lastStamp
    measure(message, from: peer, at: node.now)
    let isNewLife = noticeRestart(message, of: peer)
    takeAcknowledgements(message, from: peer)
    let (learnt, learntOfOthers, gap) = takeNews(message, from: peer, at: node.now)
    noteReplication(to: peer, on: node)
    let missedRound = message.round.map { noticeRound($0.number, from: peer) } ?? false

    if !isOvertaken {
      links[peer].parent = message.parent
      links[peer].route = Route(root: message.root, depth: message.depth, rootStamp: message.rootStamp)
      reconsiderParent(after: message, from: peer, on: node)
    }

    if gap || missedRound || isNewLife, !message.wantsAnswer { askForMissing(peer, on: node) }
    if peer == parent, !isOvertaken {
      if let round = message.round { passDown(round, on: node) }
      settleAnswer(afterRound: message.round != nil, on: node)
    }
    // What came round about, because somebody has lost its parent or found a new one, is late already.
    if isNeighbour ? message.isUrgent && learntOfOthers : learnt && !message.isPush { hasUrgentNews = true }
    if learnt || message.isComplete { spread(on: node) }
    // Whatever the above has sent it answers the peer.
    if message.wantsAnswer, links[peer].lastSentStamp <= stampBefore {
      links[peer].beAsked(forAll: message.isComplete)
      // One answer is enough for all that it asked during a stall.
      if !isCatchingUp(at: node.now) { answerSoon(peer, on: node) }
    }
  }

  /// Whether a message is a copy, or left before another that is here already: what it tells of the
  /// log holds still, what it tells of its sender does not.
  private func isOvertaken(_ message: GossipMessage, from peer: Int) -> Bool {
    guard let latest = links[peer].latestStamp, message.life == links[peer].life else { return false }
    return message.stamp <= latest.stamp
  }

  private func measure(_ message: GossipMessage, from peer: Int, at now: Instant) {
    links[peer].lastHeard = now
    if message.stamp > links[peer].latestStamp?.stamp ?? .min || message.life != links[peer].life {
      links[peer].latestStamp = (message.stamp, now)
    }
    guard let echo = message.echo else { return }
    let sentAt = Instant(nanoseconds: echo.stamp * 1000)
    let sample = now - sentAt - echo.held
    if let expected = links[peer].roundTrip.smoothed { jitter.add(max(sample - expected, expected - sample)) }
    links[peer].roundTrip.add(sample)
    links[peer].lastProved = max(links[peer].lastProved ?? .zero, sentAt)
  }

  /// Forgets what a peer had if it has started anew since.
  private func noticeRestart(_ message: GossipMessage, of peer: Int) -> Bool {
    defer { links[peer].life = message.life }
    guard let life = links[peer].life, life != message.life else { return false }
    links[peer].restart()
    return true
  }

  private func takeAcknowledgements(_ message: GossipMessage, from peer: Int) {
    for entry in message.have {
      links[peer].has(log.place(of: entry.origin), entry.count)
    }
    // It misses what it does not name, whatever it was taken to have.
    if message.isComplete { links[peer].rewind() }
    if !message.have.isEmpty { links[peer].acknowledge() }
  }

  /// Returns whether anything was new, and whether entries are missing before what came.
  private func takeNews(_ message: GossipMessage, from peer: Int, at now: Instant) -> (
    learnt: Bool, learntOfOthers: Bool, gap: Bool
  ) {
    var (learnt, learntOfOthers, gap) = (false, false, false)
    for run in message.news {
      let origin = log.place(of: run.origin)
      links[peer].has(origin, log.end(of: run))
      if !message.isPush { links[peer].owe(origin, since: now) }
      if let new = log.apply(run) {
        for entry in new { deliver(entry.value, EntryID(origin: origin, number: entry.number)) }
        learnt = learnt || !new.isEmpty
        learntOfOthers = learntOfOthers || (!new.isEmpty && run.origin.node != peer)
      } else {
        gap = true
      }
    }
    return (learnt, learntOfOthers, gap)
  }

  private func noteReplication(to peer: Int, on node: Node) {
    let count = links[peer].acknowledged[own]
    guard count > replicatedCount else { return }
    replicatedCount = count
    replicated?(count, node)
  }

  private func noticeRound(_ number: Int, from peer: Int) -> Bool {
    defer { links[peer].expectedRound = max(links[peer].expectedRound, number + 1) }
    return number > links[peer].expectedRound
  }

  /// Asks a peer for what is missing here, once a round trip.
  private func askForMissing(_ peer: Int, on node: Node) {
    if let asked = links[peer].lastAsked, node.now - asked < links[peer].roundTrip.timeout { return }
    links[peer].lastAsked = node.now
    send(to: peer, on: node, complete: true, wantsAnswer: true)
  }
}

// MARK: - Sending

extension Gossip {
  /// Whether a peer has not been sent all that is known here. O(origins).
  func lacksNews(_ peer: Int) -> Bool { !links[peer].sent.covers(log.versions) }

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
    message.have = complete ? counts(of: log.origins.indices) : counts(of: links[peer].owed.sorted())
    message.isComplete = complete
    message.wantsAnswer = wantsAnswer
    let hasNews = withNews && lacksNews(peer)
    if peer == parent, hasNews {
      message.isUrgent = hasUrgentNews
      hasUrgentNews = false
    }
    node.send(to: node.cluster[peer], type: GossipMessage.type) { body in
      message.write(to: &body)
      if hasNews { writeNews(beyond: links[peer].sent, to: &body) }
    }
    links[peer].settleDebts()
    noteSent(to: peer, at: now)
    guard hasNews else { return }
    links[peer].markSent(log.versions, at: now, patience: options.patience)
  }

  /// Answers what a peer has asked: at once, or, if it asked for all that is here, when others that have
  /// lost their parent at the same moment have told what they have, too.
  private func answerSoon(_ peer: Int, on node: Node) {
    guard links[peer].question == .all else { return answer(peer, on: node) }
    node.after(options.gathering) { self.answer(peer, on: $0) }
  }

  /// Answers what a peer has asked, if anything.
  func answer(_ peer: Int, on node: Node) {
    guard let question = links[peer].question else { return }
    send(to: peer, on: node, round: roundUnderWay(for: peer, at: node.now), complete: question == .all)
  }

  /// Sends everybody the entry published last, and waits for no acknowledgement: that is for the tree.
  private func pushLatest(on node: Node) {
    for peer in links.indices where peer != me {
      var message = makeMessage(to: peer, at: node.now)
      message.isPush = true
      node.send(to: node.cluster[peer], type: GossipMessage.type) { body in
        message.write(to: &body)
        body.field("news") { $0.array { write(log.latest(of: own), to: &$0) } }
      }
      noteSent(to: peer, at: node.now)
    }
  }

  /// A message that says who and where this node is, and nothing else yet.
  private func makeMessage(to peer: Int, at now: Instant) -> GossipMessage {
    lastStamp = max(lastStamp + 1, now.nanoseconds / 1000)
    return GossipMessage(
      life: log.origins[own].incarnation, stamp: lastStamp,
      echo: links[peer].latestStamp.map { .init(stamp: $0.stamp, held: now - $0.at) }, parent: parent,
      root: route.root, depth: route.depth, rootStamp: parent == nil ? lastStamp : route.rootStamp)
  }

  private func noteSent(to peer: Int, at now: Instant) {
    links[peer].lastSent = now
    links[peer].lastSentStamp = lastStamp
  }

  private func counts(of origins: some Sequence<Int>) -> [GossipMessage.Count] {
    origins.compactMap {
      log.versions[$0] > 0 ? .init(origin: log.origins[$0], count: log.versions[$0]) : nil
    }
  }

  private func writeNews(beyond versions: VersionVector, to body: inout JSONWriter) {
    body.field("news") {
      $0.array { runs in
        log.forEachRun(beyond: versions) { write($0, to: &runs) }
      }
    }
  }

  private func write(_ run: ReplicatedLog.Run, to runs: inout JSONWriter) {
    runs.array { list in
      list.value(run.origin.node)
      list.value(run.origin.incarnation)
      list.value(run.first)
      for entry in run.entries { list.value(entry) }
    }
  }
}
