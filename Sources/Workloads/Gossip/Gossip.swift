public import EddyNode
import EddyTiming

/// Spreads what each node publishes to all others: rounds along a tree, repair by version vectors.
///
/// # Messages
/// There is one type (`GossipMessage`), and each message may carry entries, acknowledge entries, and measure
/// the round trip. Entries are numbered by their origin, so what a node knows is a version vector, and applying
/// an entry twice is impossible (`ReplicatedLog`). Acknowledgements ride on entries; only a node that had
/// nothing to send for an acknowledgement delay acknowledges in a message of its own, which carries no entries,
/// or two nodes would acknowledge each other for ever.
///
/// # Roles
/// A node is a root, a child, or electing a parent (`TreeMembership.Role`).
///
/// The **root** sends a round to its children at most once a window, and at once after idleness; they pass it
/// down at once. A round says when the next is due. After some consecutive rounds it promises the next one, a
/// keepalive, so that silence tells something even to a node that has sent nothing.
///
/// A **child** sends its parent a batch one measured round trip before the next round, so that the batches of all
/// nodes arrive together and just in time: an entry waits one window at most. No synchronized clocks are needed,
/// and n nodes send at most 2(n − 1) messages a window, however much is published (`RoundSchedule`).
///
/// A child whose parent's round is late asks the parent for an answer. If none comes it is **electing**: it pushes
/// to all others what the parent has not passed on, and follows the best placed node that answers, or becomes a
/// root. Pushed entries are late already, and therefore urgent: others pass them on before the next round. When the
/// configured parent is heard again the node returns to it.
///
/// Whatever a peer is known to have and a node lacks, it pulls (`AntiEntropy`). Peers that do not answer are tried
/// again at intervals as long as they lack something. An idle cluster in which all nodes know all entries is silent.
///
/// # Invariants
/// 1. A node knows a prefix of each origin's entries, and no more than the origin has published.
/// 2. What a peer is said to have acknowledged, its incarnation has. What it was sent covers that.
/// 3. The messages of one incarnation have growing stamps. No route has a later stamp of a root than the root
///    has made.
/// 4. A parent is another node. A node that is electing plans no batch.
/// 5. A timer is set if and only if the state says when it is due, one of each kind.
/// 6. A tick looks at exactly the peers with something pending.
/// 7. What is reported as replicated another node has.
///
/// # Sources, and what differs
/// - Eager push, lazy push, graft: Plumtree (Leitão et al., "Epidemic broadcast trees", 2007). Here pushes along
///   the tree are batched in rounds, acknowledgements take the place of IHAVE, and a graft is an election.
/// - Anti-entropy: Scuttlebutt (van Renesse et al., 2008), without its flow control (`AntiEntropy`). A complete
///   message names all that its sender has; what it does not name the sender lacks.
/// - Root election by lowest index, and each node's route as its distance vector: the spanning tree of IEEE
///   802.1D. There are no fixed links: any node can become the parent of any other.
/// - Root stamps: the sequence numbers of DSDV (Perkins and Bhagwat, 1994). In a circle of parents distance vectors
///   count to infinity. Here no node in a circle hears a newer stamp: one that has sent entries up, or whose root
///   was lost before, leaves its parent after an acknowledgement delay, and an empty promised round is not passed on.
/// - Round trips from echoed stamps and hold times: LSR and DLSR of RTCP (RFC 3550). Timeouts: RFC 6298.
/// - Incarnations: SWIM (Das et al., 2002). Here they are ordered by the time at which they began, and what is said
///   to one counts for that one only.
///
/// # How it is written
/// A message is handled in four steps: merge, observe, schedule, reply (`receive(_:from:on:)`). A step changes
/// the state and returns directives; `carryOut(_:on:)` alone sends, delivers and sets timers.
public final class Gossip {
  let options: Options
  /// Runs for every entry that becomes known here, this node's own included, once each.
  private let deliver: (Gossip, RawJSON, EntryID) -> Void
  /// Called, if set, when more of this node's entries are replicated. Then rounds that take along what this node
  /// has published ask one child to acknowledge them at once.
  var replicated: ((_ count: Int, Node) -> Void)?

  // Each step of each message uses the state below. Checking these accesses at run time costs a simulation about
  // a tenth of its time. They cannot overlap: what is called within one is a method of a value, which sees no
  // engine.
  @exclusivity(unchecked) var log = ReplicatedLog()
  @exclusivity(unchecked) var local = LocalNode(index: 0)
  @exclusivity(unchecked) var peers = PeerTable(count: 0)
  @exclusivity(unchecked) var tree: TreeMembership
  @exclusivity(unchecked) var schedule: RoundSchedule
  @exclusivity(unchecked) var detector: FailureDetector
  /// The timers that are set.
  @exclusivity(unchecked) private(set) var timers: [Timer: TimerID] = [:]

  /// - Parameters:
  ///   - options: The window, and what else is chosen.
  ///   - deliver: Called with each entry once, in an order that differs between nodes.
  public convenience init(_ options: Options, deliver: @escaping (RawJSON) -> Void) {
    self.init(options) { _, entry, _ in deliver(entry) }
  }

  /// - Parameter deliver: Gets with each entry the ID that ``forget(_:)`` takes.
  init(_ options: Options, deliver: @escaping (Gossip, RawJSON, EntryID) -> Void) {
    self.options = options
    self.deliver = deliver
    tree = TreeMembership(.star(1), localIndex: 0, options: options, at: .zero)
    schedule = RoundSchedule(options)
    detector = FailureDetector(peers: 0, options: options, at: .zero)
  }
}

// MARK: - Handler's side

extension Gossip {
  /// Takes this node's place in `tree`, by default ``SpanningTree/balanced(_:)``; call it when the node starts.
  public func start(on node: Node, tree: SpanningTree? = nil) {
    local = LocalNode(index: node.index)
    local.takeIncarnation(in: &log, at: node.now, &node.random)
    let count = node.cluster.count
    peers = PeerTable(count: count)
    self.tree = TreeMembership(
      tree ?? .balanced(count), localIndex: node.index, options: options, at: node.now)
    detector = FailureDetector(peers: count, options: options, at: node.now)
    node.every(options.tick) { [unowned self] in carryOut(tick(at: $0.now), on: $0) }
  }

  /// Changes the tree, on which all nodes have to agree.
  public func take(_ tree: SpanningTree, on node: Node) {
    precondition(tree.parents.count == peers.count, "a tree has all nodes of the cluster")
    self.tree.take(tree)
  }

  /// Appends an entry of this node's own and spreads it.
  public func publish(_ entry: RawJSON, on node: Node) {
    let id = log.append(entry, origin: local.origin)
    carryOut([.deliver([.init(number: id.number, value: entry)], origin: id.origin)], on: node)
    let pushes = options.isDirect ? pushLatest(at: node.now) : []
    carryOut(pushes + spread(at: node.now), on: node)
  }

  /// Notes that other entries known here supersede this one, so that it need not be sent any more.
  func forget(_ entry: EntryID) { log.forget(entry) }

  /// How many entries this node has published.
  var publishedCount: Int { local.publishedCount(in: log) }

  /// Handles a message of type `gossip`.
  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    guard let peer = node.cluster.firstIndex(of: message.source), peer != local.index else {
      throw .malformedRequest("gossip comes from the nodes of the cluster")
    }
    receive(try GossipMessage(message, nodes: peers.count), from: peer, on: node)
  }
}

// MARK: - Directives

extension Gossip {
  /// Carries out what the steps of the protocol ask for, in order.
  func carryOut(_ directives: [Directive], on node: Node) {
    for directive in directives {
      switch directive {
      case .send(let message, let peer):
        node.send(to: node.cluster[peer], type: GossipMessage.type) { message.write(to: &$0) }
      case .deliver(let entries, let origin):
        for entry in entries { deliver(self, entry.value, EntryID(origin: origin, number: entry.number)) }
      case .reportReplication(let count): replicated?(count, node)
      case .arm(let timer, let due): arm(timer, at: due, on: node)
      case .disarm(let timer): disarm(timer, on: node)
      case .log(let event): log(event, on: node)
      }
    }
  }

  private func arm(_ timer: Timer, at due: Instant, on node: Node) {
    disarm(timer, on: node)
    timers[timer] = node.after(due - node.now) { [unowned self] node in
      timers[timer] = nil
      carryOut(timerCame(timer, at: node.now), on: node)
    }
  }

  private func disarm(_ timer: Timer, on node: Node) {
    if let id = timers.removeValue(forKey: timer) { node.cancel(id) }
  }

  private func timerCame(_ timer: Timer, at now: Instant) -> [Directive] {
    switch timer {
    case .round: roundTimerCame(at: now)
    case .batch: batchTimerCame(at: now)
    case .answer: answerTimerCame(at: now)
    case .election: electionTimerCame(at: now)
    case .reply(let peer): reply(to: peer, at: now)
    }
  }

  private func log(_ event: Event, on node: Node) {
    switch event {
    case .suspects(let parent): node.log(.info, "suspects its parent", ["parent": node.cluster[parent]])
    case .follows(let parent, let root):
      node.log(.info, "follows", ["parent": node.cluster[parent], "root": node.cluster[root]])
    case .becomesRoot: node.log(.info, "becomes the root")
    }
  }
}
