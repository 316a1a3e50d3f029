import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

/// The membership beside lists of all that happened, in which everything is looked up.
private struct Model {
  private enum Happening {
    /// The node followed a peer, or was given one as its parent.
    case followed
    case sentUp(at: Instant, RootRoute)
    case asked
    case heard(RootRoute)
    case looked(at: Instant, isRootAlive: Bool)
  }

  static let options = Gossip.Options(window: .milliseconds(400))

  let me: Int
  var membership: TreeMembership
  var now = Instant.zero
  private(set) var configured: [Int?]
  private(set) var parents: [Int?]
  private var routes: [RootRoute?]
  private(set) var parent: Int?
  private(set) var route: RootRoute
  private(set) var isElecting = false
  private(set) var electionDue: Instant?
  private var lost: RootRoute?
  private var happenings: [Happening] = []
  private var passed: [RootRoute] = []

  init(_ tree: SpanningTree, me: Int) {
    self.me = me
    membership = TreeMembership(tree, localIndex: me, options: Self.options, at: .zero)
    configured = tree.parents
    parents = tree.parents
    routes = tree.parents.map { _ in nil }
    parent = tree.parents[me]
    route = RootRoute(root: tree.root, depth: parent == nil ? 0 : 1, rootStamp: .zero)
  }

  private func isAlive(_ route: RootRoute) -> Bool {
    guard route.rootStamp != .zero else { return false }
    guard let lost, lost.root == route.root else { return true }
    return route.rootStamp.microseconds - lost.rootStamp.microseconds > 200_000
  }

  // MARK: Operations

  mutating func hear(_ peer: Int, parent: Int?, _ route: RootRoute) {
    membership.notePosition(of: peer, parent: parent, route: route)
    (parents[peer], routes[peer]) = (parent, route)
  }

  mutating func enter(_ tree: SpanningTree) {
    membership.take(tree)
    (configured, parents) = (tree.parents, tree.parents)
    let wasRoot = parent == nil
    parent = tree.parents[me]
    route = RootRoute(root: tree.root, depth: parent == nil ? 0 : 1, rootStamp: .zero)
    if wasRoot { happenings.append(.followed) }
  }

  mutating func followParent() {
    membership.followParent()
    guard let parent, let said = routes[parent] else { return }
    route = RootRoute(root: said.root, depth: said.depth + 1, rootStamp: said.rootStamp)
    happenings.append(.heard(route))
  }

  mutating func follow(_ peer: Int) {
    membership.follow(peer)
    if let said = routes[peer] {
      route = RootRoute(root: said.root, depth: said.depth + 1, rootStamp: said.rootStamp)
    }
    (parent, isElecting, electionDue) = (peer, false, nil)
    happenings.append(.followed)
  }

  mutating func becomeRoot() {
    membership.becomeRoot()
    (parent, isElecting, electionDue) = (nil, false, nil)
    route = RootRoute(root: me, depth: 0, rootStamp: .zero)
  }

  mutating func beginElection() {
    let due = now + .milliseconds(300)
    membership.beginElection(at: now, choosingAt: due)
    (isElecting, electionDue, lost) = (true, due, route)
  }

  mutating func hasten(to due: Instant) {
    let isEarlier = electionDue.map { due < $0 } ?? false
    #expect(membership.hastenElection(to: due) == isEarlier)
    if isEarlier { electionDue = due }
  }

  mutating func sendUp() {
    membership.noteEntriesSentUp(at: now)
    if parent != nil { happenings.append(.sentUp(at: now, route)) }
  }

  mutating func checkRoot() {
    var (first, isAsked): ((at: Instant, route: RootRoute)?, Bool) = (nil, false)
    for happening in happenings {
      switch happening {
      case .followed: (first, isAsked) = (nil, false)
      case .sentUp(let at, let route): first = first ?? (at, route)
      case .asked: isAsked = true
      case .heard(let route):
        if let awaited = first?.route,
          route.root != awaited.root || route.rootStamp > awaited.rootStamp
        {
          (first, isAsked) = (nil, false)
        }
      case .looked: break
      }
    }
    var expected = TreeMembership.RootCheck.wait
    if let first, parent != nil, !isElecting {
      if now - first.at > .milliseconds(1500) {
        expected = .giveUpParent
      } else if now - first.at > .seconds(1), !isAsked {
        expected = .askParent
      }
    }
    #expect(membership.checkRoot(at: now, timeout: .milliseconds(500)) == expected)
    if expected == .askParent { happenings.append(.asked) }
  }

  mutating func lookWhetherStranded() {
    let isStranded = membership.isStranded(at: now)
    guard parent != nil else { return #expect(!isStranded) }
    happenings.append(.looked(at: now, isRootAlive: isAlive(route)))
    var since: Instant?
    for happening in happenings {
      switch happening {
      case .followed, .looked(_, isRootAlive: true): since = nil
      case .looked(let at, isRootAlive: false): since = since ?? at
      default: break
      }
    }
    #expect(isStranded == (since.map { now - $0 > .seconds(1) } ?? false))
  }

  mutating func passRound() {
    let isLater = passed.last.map { $0.root == route.root && $0.rootStamp < route.rootStamp } ?? false
    #expect(membership.notePassedRound(acknowledged: VersionVector()) == isLater)
    passed.append(route)
  }

  // MARK: Comparison

  func check(suspected: Set<Int>, silent: Bool) {
    #expect(membership.parent == parent)
    #expect(membership.isElecting == isElecting)
    #expect(membership.election?.deadline.due == electionDue)
    #expect(membership.route == route)
    #expect(membership.configuredParent == configured[me])
    #expect(membership.children(isSuspected: suspected.contains) == children(suspected))
    for peer in parents.indices where peer != me {
      #expect(membership.isNeighbour(peer) == (peer == parent || parents[peer] == me))
      guard peer != parent else { continue }
      for passesRound in [false, true] {
        let standing = membership.standing(of: peer, passesRound: passesRound, isParentSilent: silent)
        #expect(standing == self.standing(of: peer, passesRound, silent))
      }
    }
    for code in 0..<(1 << parents.count) {
      let answered = parents.indices.filter { $0 != me && code >> $0 & 1 == 1 }
      #expect(membership.bestParent(among: answered) == bestParent(answered))
    }
  }

  private func children(_ suspected: Set<Int>) -> [Int] {
    var children: [Int] = []
    for peer in parents.indices where peer != me && peer != parent {
      if parents[peer] == me {
        children.append(peer)
      } else if parent == nil, let other = parents[peer], suspected.contains(other) {
        children.append(peer)
      }
    }
    return children
  }

  private func standing(of peer: Int, _ passesRound: Bool, _ silent: Bool) -> TreeMembership.Standing {
    guard let said = routes[peer] else { return .noMatter }
    if peer == configured[me] { return said.root <= route.root ? .better : .noMatter }
    if isAlive(said), said.root < me {
      if said.root < route.root { return .better }
      if passesRound, silent || isElecting { return .better }
    }
    return passesRound ? .mistaken : .noMatter
  }

  private func bestParent(_ answered: [Int]) -> Int? {
    var best: (peer: Int, route: RootRoute)?
    for peer in answered where parents[peer] != me {
      guard let said = routes[peer], isAlive(said), said.root < me else { continue }
      let isBetter =
        best.map { said.root < $0.route.root || said.root == $0.route.root && said.depth < $0.route.depth }
        ?? true
      if isBetter { best = (peer, said) }
    }
    return best?.peer ?? answered.filter { parents[$0] != me && $0 < me }.min()
  }
}

@Suite struct TreeMembershipModelTests {
  @Test(arguments: UInt64(1)...12)
  func aLongRandomHistoryGivesThePlaceThatTheDefinitionsGive(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let trees: [SpanningTree] = [
      .star(5), .spanning([[1], [0, 2], [1, 3], [2, 4], [3]]), .spanning([[1], [0, 2], [1], [], []]),
    ]
    let me = random.below(5)
    var model = Model(random.pick(trees)!, me: me)
    for _ in 0..<400 {
      model.now += .milliseconds(random.below(300))
      let peer = (me + 1 + random.below(4)) % 5
      switch random.below(13) {
      case 0, 1, 2, 3:
        let stamp = Timestamp(microseconds: random.pick([0, 1000 * random.below(40_000)])!)
        let route = RootRoute(root: random.below(5), depth: random.below(3), rootStamp: stamp)
        model.hear(peer, parent: random.pick([nil, 0, 1, 2, 3, 4])!, route)
      case 4: model.followParent()
      case 5: model.follow(peer)
      case 6: if random.chance(0.3) { model.becomeRoot() }
      case 7: if model.parent != nil, !model.isElecting { model.beginElection() }
      case 8: model.hasten(to: model.now + .milliseconds(random.below(400)))
      case 9: model.sendUp()
      case 10: model.lookWhetherStranded()
      case 11: model.passRound()
      default: if random.chance(0.2) { model.enter(random.pick(trees)!) }
      }
      model.checkRoot()
      model.check(suspected: Set((0..<5).filter { _ in random.chance(0.3) }), silent: random.chance(0.5))
    }
  }
}
