/// Looks for a linearization of the operations on one register.
///
/// A search of Wing and Gong's ("Testing and verifying concurrent objects", 1993) with the just-in-time
/// linearization of Lowe ("Testing for linearizability", 2017): an operation takes effect when one that
/// completes has to, be it the same or one that enables it. Configurations that were visited are kept for
/// each completion, and one is visited only if none of them can do all that it can:
///
/// - Operations that change nothing take effect as soon as the register has their value.
/// - A write that nobody has seen when another write takes effect is `hidden`, which leaves open whether it
///   took effect then or will later. So pending writes do not multiply configurations.
/// - Operations of unknown outcome take effect only where a pending operation observes it, and count by kind;
///   see ``IndefiniteEffects``.
///
/// The search is depth first: a history that has a linearization is decided on the way to it. The problem is
/// NP-complete (Gibbons and Korach, "Testing shared memories", 1997), so the number of configurations is
/// limited. Registers are judged key by key: linearizability is local (Herlihy and Wing, 1990).
///
/// - Complexity: O(operations × concurrency) if few operations overlap; exponential in the number of
///   different compare-and-sets that overlap, and of indefinite operations that are needed.
struct ConfigurationSearch<Slots: SlotSet> {
  /// A configuration that was reached, and how.
  struct Node {
    var configuration: Configuration<Slots>
    /// The node before; -1 for the first.
    var parent: Int32
    var move: SearchMove
  }

  enum Outcome: Equatable {
    /// The node at the end of a linearization.
    case linearizable(Int)
    /// No linearization gets past the completion at this position.
    case impossible(position: Int)
    /// More configurations than the limit, or too many comparisons of them.
    case undecided
  }

  var cursor: TraceCursor<Slots>
  var uses: EffectUses
  private(set) var nodes: [Node] = []
  /// Steps to take, the next one last.
  private var agenda: [(node: Int32, move: SearchMove)] = []
  private var visited = VisitedConfigurations<Slots>()
  private let limit: Int
  /// The number of comparisons with other configurations that count as much as one configuration.
  private static var comparisonsPerNode: Int { 32 }
  let slotCount: Int

  /// A search that gives up after so many configurations.
  init(_ start: TraceCursor<Slots>, slotCount: Int, limit: Int) {
    cursor = start
    uses = EffectUses(start.effects)
    self.slotCount = slotCount
    self.limit = limit
  }

  mutating func run() -> Outcome {
    let start = cursor.start(slotCount: slotCount)
    if start.position == cursor.trace.events.count {
      nodes.append(Node(configuration: start, parent: -1, move: .hiddenWrite))
      return .linearizable(0)
    }
    visit(start, from: -1, by: .hiddenWrite)
    var furthest = start.position
    while let (parent, move) = agenda.popLast() {
      guard nodes.count < limit, visited.comparisons < Self.comparisonsPerNode * limit else {
        return .undecided
      }
      cursor.move(to: nodes[Int(parent)].configuration.position)
      var configuration = nodes[Int(parent)].configuration
      cursor.take(move, &configuration, &uses)
      cursor.proceed(&configuration)
      furthest = max(furthest, configuration.position)
      if configuration.position == cursor.trace.events.count {
        nodes.append(Node(configuration: configuration, parent: parent, move: move))
        return .linearizable(nodes.count - 1)
      }
      visit(configuration, from: parent, by: move)
    }
    return .impossible(position: furthest)
  }

  /// The steps on the way to a node, from the start.
  func path(to node: Int) -> [SearchMove] {
    var path: [SearchMove] = []
    var node = node
    while nodes[node].parent >= 0 {
      path.append(nodes[node].move)
      node = Int(nodes[node].parent)
    }
    return path.reversed()
  }

  private mutating func visit(_ configuration: Configuration<Slots>, from parent: Int32, by move: SearchMove)
  {
    guard visited.insert(configuration, cursor, uses, nodes) else { return }
    nodes.append(Node(configuration: configuration, parent: parent, move: move))
    let node = Int32(nodes.count - 1)
    let first = agenda.count
    cursor.moves(from: configuration, uses) { agenda.append((node, $0)) }
    agenda[first...].reverse()
  }
}
