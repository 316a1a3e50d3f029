/// The neighbours that the `topology` message of the broadcast workload suggests to each node;
/// Maelstrom's `--topology`.
public enum Topology: String, Sendable, CaseIterable {
  /// One after another.
  case line
  /// Rows and columns, as square as can be.
  case grid
  /// Trees in which each node has two, two, three or four children.
  case tree, tree2, tree3, tree4
  /// Everybody is everybody's neighbour.
  case total

  /// Each node with its neighbours, in the nodes' order.
  public func neighbours(of nodes: [String]) -> [(node: String, neighbours: [String])] {
    nodes.indices.map { place in
      (nodes[place], places(nextTo: place, count: nodes.count).map { nodes[$0] })
    }
  }

  private func places(nextTo place: Int, count: Int) -> [Int] {
    switch self {
    case .line: return [place - 1, place + 1].filter { (0..<count).contains($0) }
    case .total: return (0..<count).filter { $0 != place }
    case .tree, .tree2: return Self.tree(branching: 2, place, count)
    case .tree3: return Self.tree(branching: 3, place, count)
    case .tree4: return Self.tree(branching: 4, place, count)
    case .grid:
      let side = Self.side(count)
      let (row, column) = place.quotientAndRemainder(dividingBy: side)
      return [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        .filter { $0.0 >= 0 && (0..<side).contains($0.1) }
        .map { $0.0 * side + $0.1 }
        .filter { $0 < count }
    }
  }

  /// A tree filled level by level, as a heap is.
  private static func tree(branching: Int, _ place: Int, _ count: Int) -> [Int] {
    let parent = place == 0 ? [] : [(place - 1) / branching]
    let children = (1...branching).map { place * branching + $0 }.filter { $0 < count }
    return parent + children
  }

  /// The side of the smallest square that holds `count` nodes.
  private static func side(_ count: Int) -> Int {
    var side = 1
    while side * side < count { side += 1 }
    return side
  }
}
