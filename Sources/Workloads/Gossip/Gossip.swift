public import EddyNode
import EddyTiming

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
/// and answer those who ask when they have gathered what came at the same moment. Unreachable nodes are
/// tried again for as long as they lack something: when the network heals, everything is everywhere after a
/// retry and the hops of the tree.
///
/// **Anti-entropy** (see `Gossip+AntiEntropy.swift`). Whatever a peer is known to have and this node lacks
/// is pulled. Incarnations are ordered, and what is said to one counts for that one only.
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

    public init(window: Duration) { self.window = window }

    /// How long a node may keep an acknowledgement to itself when no news take it along. Longer
    /// than a window, so that under load it always rides on something.
    var patience: Duration { max(.seconds(1), window * 5 / 4) }
  }

  let options: Options
  /// Runs for every entry that becomes known here, this node's own included, once each.
  let deliver: (Gossip, RawJSON, EntryID) -> Void
  /// Called, if set, when ``replicatedCount`` has grown. Then rounds that take along what this node has
  /// published ask one child to acknowledge them at once.
  var replicated: ((_ count: Int, Node) -> Void)?
  /// How many entries of this node's own somebody else has proved to have.
  var replicatedCount = 0

  var log = ReplicatedLog()
  /// This node's origins in ``log``: of its incarnation, behind those that it gave up (``takeIncarnation``).
  var ownOrigins: [Int] = []
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
  /// Set while the root has not been heard of since the parent was sent something for it.
  var awaitedRoot: AwaitedRoot?

  /// When the latest round was sent from here that was due; rounds before their time do not count.
  var lastRound: Instant?
  /// When the latest round of any kind was.
  var lastBeat: Instant?
  var roundTimer: PendingTimer?
  /// When the parent's next round should come, and how much earlier than for that a batch has
  /// to be there.
  var nextFromParent: Instant?
  var lead = Duration.zero
  /// How many rounds have been sent on end, at the root.
  var steadyRounds = 0
  /// Whether the latest round promised another.
  var hasPromised = false
  /// When the children are sent what they lack though no round has come to take it down; nil if they lack
  /// nothing that did not come with one.
  var passDownDue: Instant?
  var batchTimer: PendingTimer?
  /// Runs when the parent's answer to a batch is overdue; nil if none is awaited.
  var answerTimer: PendingTimer?
  /// What the parent had acknowledged by its last round, and by the one before: the latter it has
  /// passed on, if it ever does.
  var acknowledged = (byLastRound: VersionVector(), before: VersionVector())
  /// Whether news are here that are late already.
  var hasUrgentNews = false
  var jitter = JitterEstimator()
  /// The stamp of the message that asked the parent to give that answer at once; nil if none did.
  var askedAt: Int?
  /// Set while this node waits to hear who could be its new parent.
  var choosingSince: Instant?
  var choiceTimer: PendingTimer?
  /// The stamp of the message that told the parent of its adoption; the proof that it has heard that
  /// or a later one confirms it.
  var adoptedAt: Int = 0
  var lastHoming = Instant.zero
  /// How often this node has looked for anybody who knows it.
  var probes = 0
  var lastTick = Instant.zero
  /// Whether that tick came late: this node had been stalled, and may still find much that came meanwhile.
  var lastTickWasLate = false
  /// The stamp of the message sent last; each is greater than the one before.
  var lastStamp: Int = 0
  /// Whether the tree was given to this node, and is not the one that all nodes begin with.
  var hasGivenTree = false

  /// - Parameter deliver: Called with each entry once, in an order that differs between nodes.
  public convenience init(_ options: Options, deliver: @escaping (RawJSON) -> Void) {
    self.init(options) { _, entry, _ in deliver(entry) }
  }

  /// - Parameter deliver: Gets with each entry what ``forget(_:)`` knows it by.
  init(_ options: Options, deliver: @escaping (Gossip, RawJSON, EntryID) -> Void) {
    self.options = options
    self.deliver = deliver
  }
}

// MARK: - Handler's side

extension Gossip {
  /// Takes this node's place in `tree`, by default ``SpanningTree/balanced(_:)``; call it when the node starts.
  public func start(on node: Node, tree: SpanningTree? = nil) {
    me = node.index
    takeIncarnation(on: node)
    links = Links(count: node.cluster.count)
    enter(tree ?? .balanced(node.cluster.count))
    lastTick = node.now
    // Others may be yet to start: nobody is spoken to for a while unless there is something to say.
    lastHoming = node.now
    node.every(options.tick) { self.tick($0) }
  }

  /// Changes the tree, on which all nodes have to agree.
  public func take(_ tree: SpanningTree, on node: Node) {
    precondition(tree.parents.count == links.count, "a tree has all nodes of the cluster")
    hasGivenTree = true
    enter(tree)
  }

  func enter(_ tree: SpanningTree) {
    self.tree = tree
    parent = tree.parents[me]
    route = Route(root: tree.root, depth: parent == nil ? 0 : 1, rootStamp: 0)
    for peer in links.indices { links[peer].parent = tree.parents[peer] }
  }

  /// Appends an entry of this node's own and spreads it.
  public func publish(_ entry: RawJSON, on node: Node) {
    let id = log.append(entry, origin: ownOrigin)
    deliver(self, entry, id)
    if options.isDirect { pushLatest(on: node) }
    spread(on: node)
  }

  /// Tells that other entries, known here, leave nothing of this one: nobody who lacks it need get it.
  func forget(_ entry: EntryID) { log.forget(entry) }

  /// How many entries this node has published.
  var publishedCount: Int { ownOrigins.reduce(0) { $0 + log.versions[$1] } }

  /// The origin in ``log`` of this incarnation.
  var ownOrigin: Int { ownOrigins[ownOrigins.count - 1] }

  /// Handles a message of type `gossip`.
  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    guard let peer = node.cluster.firstIndex(of: message.source), peer != me else {
      throw .malformedRequest("gossip comes from the nodes of the cluster")
    }
    receive(try GossipMessage(message, nodes: links.count), from: peer, on: node)
  }
}

// MARK: - Timers

extension Gossip {
  /// A timer that is set.
  struct PendingTimer {
    var id: TimerID
    var due: Instant
  }

  /// Sets a timer of this node's anew. Several that wait for the same thing would pile up.
  ///
  /// - Parameter afterInput: If the timer comes late, this node was stalled, and blames nobody before it has
  ///   read what has come in the meantime: the action then runs a tick later.
  func arm(
    _ timer: ReferenceWritableKeyPath<Gossip, PendingTimer?>, at due: Instant, afterInput: Bool = false,
    on node: Node, _ action: @escaping (Node) -> Void
  ) {
    disarm(timer, on: node)
    let id = node.after(due - node.now) { [unowned self] node in
      self[keyPath: timer] = nil
      if afterInput, node.now - due > options.punctuality {
        arm(timer, at: node.now + options.tick, on: node, action)
      } else {
        action(node)
      }
    }
    self[keyPath: timer] = PendingTimer(id: id, due: due)
  }

  func disarm(_ timer: ReferenceWritableKeyPath<Gossip, PendingTimer?>, on node: Node) {
    if let pending = self[keyPath: timer] { node.cancel(pending.id) }
    self[keyPath: timer] = nil
  }
}
