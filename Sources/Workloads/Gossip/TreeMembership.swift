import EddyTiming

/// A node's place in the tree that rounds run along, and where its peers say that they are.
///
/// The configured tree (``SpanningTree``) is the one that all nodes return to. A node whose parent is silent
/// elects another: the peer nearest to the root of lowest index, as in 802.1D's spanning tree. Root stamps tell
/// a root that lives from the memory of one, as DSDV's sequence numbers do (Perkins and Bhagwat, 1994). Nodes
/// that have taken each other for parents in a circle hear no newer stamp, and leave it: nothing counts to
/// infinity.
struct TreeMembership {
  /// What a node is in the tree.
  enum Role {
    /// It has no parent. Its rounds are the clock of all below it.
    case root
    case child(Child)
    /// Its parent is silent. It waits to hear who could be its parent, and sends nothing up.
    case electing(Election)
  }

  struct Child {
    var parent: Int
    /// This node's route, as it follows from what the parent said last.
    var route: RootRoute
    /// The stamp of the message that told the parent of its child; zero if the tree is as configured.
    fileprivate(set) var adoptedAt = Timestamp.zero
    /// Since when the parent has known of no root that lives; nil if it knows one.
    fileprivate var strandedSince: Instant?
    /// Set while the root has not been heard of since something was sent up to it.
    fileprivate var awaitedRoot: AwaitedRoot?
  }

  struct Election {
    /// What the node was; nil if it was given a tree meanwhile in which it is the root.
    fileprivate(set) var former: Child?
    /// Those who answer something sent since can become the parent.
    fileprivate(set) var since: Instant
    /// When the parent is chosen.
    fileprivate(set) var deadline: AnswerDeadline
  }

  /// What a node last knew of its root when it sent something up to it.
  fileprivate struct AwaitedRoot {
    var route: RootRoute
    var since: Instant
    /// Whether the parent has been asked about it.
    var isAsked = false
  }

  /// Where a peer is.
  private struct Position {
    /// Its parent as it last said, or else as configured; nil at a root.
    var parent: Int?
    /// As it last said; nil if it has said nothing.
    var route: RootRoute?
  }

  let localIndex: Int
  private let options: Gossip.Options
  /// The configured tree.
  private(set) var tree: SpanningTree
  /// Whether that tree was given to this node, and is not the one that all nodes begin with.
  private(set) var isTreeGiven = false
  private(set) var role: Role
  private var positions: [Position]
  /// The route that this node had when its parent was last found silent.
  private var lostRoute: RootRoute?
  /// The route that this node had when it passed on the latest round.
  private var passedRoute: RootRoute?
  /// What the parent had acknowledged by its last round, and by the one before. The latter it has passed
  /// on, if it passes anything on.
  private var acknowledged = (byLastRound: VersionVector(), before: VersionVector())
  private var rejoin: RejoinProbes

  init(_ tree: SpanningTree, localIndex: Int, options: Gossip.Options, at now: Instant) {
    self.localIndex = localIndex
    self.options = options
    self.tree = tree
    positions = tree.parents.map { Position(parent: $0) }
    role = .root
    rejoin = RejoinProbes(at: now)
    enter(tree)
  }
}

// MARK: - The place

extension TreeMembership {
  /// The node that batches go up to, or went up to before the election; nil at the root.
  var parent: Int? { child?.parent }

  /// The state of a child, also while it elects another parent; nil at the root.
  private(set) var child: Child? {
    get {
      switch role {
      case .root: nil
      case .child(let child): child
      case .electing(let election): election.former
      }
    }
    set {
      if case .electing(var election) = role {
        election.former = newValue
        role = .electing(election)
      } else {
        role = newValue.map { .child($0) } ?? .root
      }
    }
  }

  var election: Election? { if case .electing(let election) = role { election } else { nil } }

  var isElecting: Bool { election != nil }

  /// This node's route to its root.
  var route: RootRoute { child?.route ?? RootRoute(root: localIndex, depth: 0, rootStamp: .zero) }

  /// This node's parent in the configured tree; nil for its root.
  var configuredParent: Int? { tree.parents[localIndex] }

  /// Takes a tree on which all nodes agree for the configured one.
  mutating func take(_ tree: SpanningTree) {
    isTreeGiven = true
    enter(tree)
  }

  /// Takes a tree that a peer was given, if this node was given none: it may have been started again.
  mutating func take(given tree: SpanningTree) {
    guard !isTreeGiven else { return }
    isTreeGiven = true
    if tree != self.tree { enter(tree) }
  }

  /// Takes this node's place in a tree. Assumes that the peers have theirs until they say otherwise.
  private mutating func enter(_ tree: SpanningTree) {
    self.tree = tree
    for peer in positions.indices { positions[peer].parent = tree.parents[peer] }
    guard let parent = configuredParent else {
      child = nil
      return
    }
    let route = RootRoute(root: tree.root, depth: 1, rootStamp: .zero)
    var child = child ?? Child(parent: parent, route: route)
    (child.parent, child.route) = (parent, route)
    self.child = child
  }

  /// Notes where a peer says that it is.
  mutating func notePosition(of peer: Int, parent: Int?, route: RootRoute) {
    positions[peer] = Position(parent: parent, route: route)
  }

  func parent(of peer: Int) -> Int? { positions[peer].parent }

  func route(of peer: Int) -> RootRoute? { positions[peer].route }

  /// Whether entries come along the tree from this peer.
  func isNeighbour(_ peer: Int) -> Bool { peer == parent || positions[peer].parent == localIndex }

  /// The nodes that rounds are passed down to, ascending: those who say that this node is their parent;
  /// and, at a root, all who have not said that they found another parent than one that is suspected. O(n).
  func children(isSuspected: (Int) -> Bool) -> [Int] {
    let (parent, isRoot) = (parent, child == nil)
    return positions.indices.filter { peer in
      guard peer != localIndex, peer != parent else { return false }
      guard let other = positions[peer].parent else { return false }
      return other == localIndex || (isRoot && isSuspected(other))
    }
  }
}

// MARK: - What rounds and batches tell

extension TreeMembership {
  /// Notes that a round of the parent is passed on. Returns whether the root was heard of since the one before.
  mutating func notePassedRound(acknowledged versions: VersionVector) -> Bool {
    defer { passedRoute = route }
    acknowledged = (versions, acknowledged.byLastRound)
    return route.isLater(than: passedRoute)
  }

  /// What a former parent has passed on, if it has passed on anything.
  var passedOn: VersionVector { acknowledged.before }

  /// Notes that an origin's local index is given to another origin.
  mutating func reset(_ origin: Int) {
    acknowledged.byLastRound.reset(origin)
    acknowledged.before.reset(origin)
  }

  /// Notes that entries are sent up, of which the root has to hear.
  mutating func noteEntriesSentUp(at now: Instant) {
    guard var child, child.awaitedRoot == nil else { return }
    child.awaitedRoot = AwaitedRoot(route: child.route, since: now)
    self.child = child
  }

  /// What to do about a root that is not heard of though something was sent up to it.
  enum RootCheck {
    case wait
    case askParent
    case giveUpParent
  }

  /// Checks that the root was heard of since entries were sent up. Nodes that have taken each other for
  /// parents in a circle acknowledge everything, and there is no root to spread it.
  ///
  /// - Parameter timeout: How long the parent may take to answer.
  mutating func checkRoot(at now: Instant, timeout: Duration) -> RootCheck {
    guard case .child(let current) = role, let awaited = current.awaitedRoot else { return .wait }
    let silence = now - awaited.since
    if silence > options.acknowledgementDelay + timeout { return .giveUpParent }
    guard silence > options.acknowledgementDelay, !awaited.isAsked else { return .wait }
    var child = current
    child.awaitedRoot?.isAsked = true
    role = .child(child)
    return .askParent
  }
}

// MARK: - A better parent

extension TreeMembership {
  /// Takes the route that follows from what the parent just said.
  mutating func followParent() {
    guard var child, let offered = positions[child.parent].route else { return }
    child.route = offered.below
    if let awaited = child.awaitedRoot,
      child.route.isLater(than: awaited.route) || child.route.root != awaited.route.root
    {
      child.awaitedRoot = nil
    }
    self.child = child
  }

  /// Whether the parent has known of no root that lives for an acknowledgement delay: nodes may have taken
  /// each other for parents in a circle.
  mutating func isStranded(at now: Instant) -> Bool {
    guard var child else { return false }
    defer { self.child = child }
    guard !isAlive(child.route) else {
      child.strandedSince = nil
      return false
    }
    let since = child.strandedSince ?? now
    child.strandedSince = since
    return now - since > options.acknowledgementDelay
  }

  /// What a peer other than the parent is to this node after a message.
  enum Standing {
    case better
    /// It passes a round to this node, which it takes for its child.
    case mistaken
    case noMatter
  }

  /// Compares a peer's route with the parent's.
  ///
  /// - Parameters:
  ///   - passesRound: Whether the peer has just passed a round to this node.
  ///   - isParentSilent: Whether the rounds of the parent have stopped coming.
  func standing(of peer: Int, passesRound: Bool, isParentSilent: @autoclosure () -> Bool) -> Standing {
    guard let offered = positions[peer].route else { return .noMatter }
    if peer == configuredParent { return offered.root <= route.root ? .better : .noMatter }
    let isFit = offered.root < localIndex && isAlive(offered)
    if isFit, offered.root < route.root { return .better }
    guard passesRound else { return .noMatter }
    return isFit && (isElecting || isParentSilent()) ? .better : .mistaken
  }

  /// Whether a route's root has been heard of: ever, and after this node lost it.
  private func isAlive(_ route: RootRoute) -> Bool {
    guard route.rootStamp > .zero else { return false }
    guard let lostRoute, lostRoute.root == route.root else { return true }
    return route.rootStamp > lostRoute.rootStamp + options.window * Gossip.Options.newRootStamp
  }
}

// MARK: - Elections

extension TreeMembership {
  /// Gives the parent up, and waits until `due` for those who could replace it.
  mutating func beginElection(at now: Instant, choosingAt due: Instant) {
    guard case .child(let child) = role else { preconditionFailure("a child alone elects a parent") }
    lostRoute = child.route
    role = .electing(Election(former: child, since: now, deadline: AnswerDeadline(due)))
  }

  /// Waits no longer than until `due`. Returns whether that is earlier than was planned.
  mutating func hastenElection(to due: Instant) -> Bool {
    guard case .electing(var election) = role, due < election.deadline.due else { return false }
    election.deadline = AnswerDeadline(due)
    role = .electing(election)
    return true
  }

  /// What an election's timer that comes at `now` has to wait for still: this node was stalled.
  mutating func putOffElection(at now: Instant) -> Instant? {
    guard case .electing(var election) = role, let later = election.deadline.putOff(at: now, options) else {
      return nil
    }
    election.deadline = later
    role = .electing(election)
    return later.due
  }

  /// The best placed of those who have answered: one that has heard of its root since this node has not; else
  /// the one of lowest index, which will find itself root; else none.
  ///
  /// - Parameter answered: Indices, ascending.
  func bestParent(among answered: [Int]) -> Int? {
    let candidates = answered.filter { positions[$0].parent != localIndex }
    let placed = candidates.compactMap { peer in
      positions[peer].route.flatMap { isAlive($0) && $0.root < localIndex ? (peer: peer, route: $0) : nil }
    }
    let best = placed.min {
      ($0.route.root, $0.route.depth, $0.peer) < ($1.route.root, $1.route.depth, $1.peer)
    }
    return best?.peer ?? candidates.first { $0 < localIndex }
  }

  /// Takes `peer` as the parent.
  mutating func follow(_ peer: Int) {
    let route = positions[peer].route?.below ?? route
    role = .child(Child(parent: peer, route: route))
  }

  /// Notes which message told the parent of its child: its proof that it has that one, or a later one,
  /// confirms it.
  mutating func noteAdoption(_ stamp: Timestamp) {
    guard case .child(var child) = role else { preconditionFailure("a child alone is adopted") }
    child.adoptedAt = stamp
    role = .child(child)
  }

  /// Takes this node for a root.
  mutating func becomeRoot() { role = .root }

  /// The peers to probe now: see ``RejoinProbes``.
  ///
  /// - Parameters:
  ///   - isSuspected: Whether a peer is suspected.
  ///   - knowsThisNode: Whether a peer has shown that it knows this node's incarnation.
  mutating func takeProbes(
    at now: Instant, isSuspected: (Int) -> Bool, knowsThisNode: (Int) -> Bool
  ) -> [Int] {
    // A root that is a configured child is the one of its component to find others: its entries are all that
    // the component has.
    let isSubstitute = parent == nil && configuredParent != nil
    guard rejoin.isDue(at: now, interval: isSubstitute ? options.longestRetry : options.rejoinInterval) else {
      return []
    }
    let neighbours = configuredParent.map { [$0] } ?? children(isSuspected: isSuspected)
    var probed = neighbours.filter { !knowsThisNode($0) }
    if let configuredParent, configuredParent != parent, !probed.contains(configuredParent) {
      probed.append(configuredParent)
    }
    if !positions.indices.contains(where: knowsThisNode),
      let other = rejoin.takeStranger(of: positions.count),
      other != localIndex, !probed.contains(other)
    {
      probed.append(other)
    }
    return probed
  }
}
