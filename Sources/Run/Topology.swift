/// The neighbours suggested to each node by the broadcast workload's `topology` message; Maelstrom's
/// `--topology`.
public enum Topology: String, Sendable, CaseIterable {
  /// A line: each node has its predecessor and its successor.
  case line
  /// A grid, as square as possible.
  case grid
  /// Trees in which each node has two, two, three and four children.
  case tree, tree2, tree3, tree4
  /// Every node is a neighbour of every other.
  case total

  /// Each node with its neighbours, in the nodes' order.
  public func neighbours(of nodes: [String]) -> [(node: String, neighbours: [String])] {
    nodes.indices.map { index in
      (nodes[index], indices(nextTo: index, count: nodes.count).map { nodes[$0] })
    }
  }

  private func indices(nextTo index: Int, count: Int) -> [Int] {
    switch self {
    case .line: return [index - 1, index + 1].filter { (0..<count).contains($0) }
    case .total: return (0..<count).filter { $0 != index }
    case .tree, .tree2: return Self.tree(branching: 2, index, count)
    case .tree3: return Self.tree(branching: 3, index, count)
    case .tree4: return Self.tree(branching: 4, index, count)
    case .grid:
      let side = Self.side(count)
      let (row, column) = index.quotientAndRemainder(dividingBy: side)
      return [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        .filter { $0.0 >= 0 && (0..<side).contains($0.1) }
        .map { $0.0 * side + $0.1 }
        .filter { $0 < count }
    }
  }

  /// A tree filled level by level, like a binary heap.
  private static func tree(branching: Int, _ index: Int, _ count: Int) -> [Int] {
    let parent = index == 0 ? [] : [(index - 1) / branching]
    let children = (1...branching).map { index * branching + $0 }.filter { $0 < count }
    return parent + children
  }

  /// The side of the smallest square that holds `count` nodes.
  private static func side(_ count: Int) -> Int {
    var side = 1
    while side * side < count { side += 1 }
    return side
  }
}
