/// The tree that entries run along while nothing fails: every node's parent.
///
/// The rounds of the root are the clock of all. Indices break every tie the same way on every node: the lower
/// index is nearer to the root.
public struct SpanningTree: Equatable, Sendable {
  /// Each node's parent; nil for the root.
  public private(set) var parents: [Int?]

  /// A tree of depth one round node 0. Entries take two hops from any node to any other. A round costs at most
  /// 2(n − 1) messages, the fewest with which n nodes can exchange entries.
  public static func star(_ count: Int) -> SpanningTree {
    SpanningTree(sound: (0..<count).map { $0 == 0 ? nil : 0 })
  }

  /// The star, or in a large cluster a tree of depth two, in which each node has at most about √n children. Entries
  /// take up to two hops more, a round costs the same, and no node's load grows as fast as the cluster.
  public static func balanced(_ count: Int) -> SpanningTree {
    guard count > largestStar else { return .star(count) }
    let middle = (1...count).first { $0 * $0 >= count }!
    return SpanningTree(
      sound: (0..<count).map { node in
        if node == 0 { nil } else if node <= middle { 0 } else { 1 + (node - 1) % middle }
      })
  }

  /// The nodes of the largest star, whose root is not yet the limit.
  private static let largestStar = 64

  /// A tree of shortest paths within a graph, from the node whose farthest node is nearest.
  ///
  /// Nodes that the graph does not connect with that node become its children. O(nodes · edges).
  public static func spanning(_ neighbours: [[Int]]) -> SpanningTree {
    guard !neighbours.isEmpty else { return SpanningTree(sound: []) }
    let searches = neighbours.indices.map { breadthFirst(from: $0, neighbours) }
    let root = neighbours.indices.min {
      (searches[$1].reached, searches[$0].depth, $0) < (searches[$0].reached, searches[$1].depth, $1)
    }!
    var parents = searches[root].parents
    for node in parents.indices where node != root && parents[node] == nil { parents[node] = root }
    return SpanningTree(sound: parents)
  }

  /// A tree of given parents; nil if they are no tree: exactly one node has no parent, and the way up from every
  /// other ends there. O(nodes · depth).
  init?(parents: [Int?]) {
    guard parents.count(where: { $0 == nil }) == 1 else { return nil }
    for start in parents.indices {
      var (node, steps) = (start, 0)
      while let parent = parents[node] {
        guard parents.indices.contains(parent), steps < parents.count else { return nil }
        (node, steps) = (parent, steps + 1)
      }
    }
    self.parents = parents
  }

  private init(sound parents: [Int?]) { self.parents = parents }

  private static func breadthFirst(
    from root: Int, _ neighbours: [[Int]]
  ) -> (parents: [Int?], depth: Int, reached: Int) {
    var parents = [Int?](repeating: nil, count: neighbours.count)
    var depths = [Int?](repeating: nil, count: neighbours.count)
    depths[root] = 0
    var queue = [root]
    var next = 0
    while next < queue.count {
      let node = queue[next]
      next += 1
      for other in neighbours[node].sorted() where depths[other] == nil {
        depths[other] = depths[node]! + 1
        parents[other] = node
        queue.append(other)
      }
    }
    return (parents, depths[queue.last!]!, queue.count)
  }

  public var root: Int { parents.firstIndex { $0 == nil } ?? 0 }
}
