/// Which transactions must have come before which others, and why.
///
/// The first vertices are transactions. The others are junctions, which stand for nothing: an edge
/// into one and through it to a transaction is one dependency. They say "everything of these before
/// everything of those" with a sum of edges instead of a product.
struct DependencyGraph {
  /// Why one transaction must have come before another.
  struct Relations: OptionSet, Hashable {
    let rawValue: UInt8

    /// It wrote what the other overwrote.
    static let ww = Relations(rawValue: 1)
    /// It wrote what the other read.
    static let wr = Relations(rawValue: 1 << 1)
    /// It read what the other overwrote: an anti-dependency.
    static let rw = Relations(rawValue: 1 << 2)
    /// The same process executed it before.
    static let process = Relations(rawValue: 1 << 3)
    /// It had completed before the other was invoked.
    static let realtime = Relations(rawValue: 1 << 4)
    /// On through a junction: the dependency is the one that led there.
    static let through = Relations(rawValue: 1 << 5)
  }

  struct Edge {
    var target: Int
    var relation: Relations
  }

  private(set) var vertexCount: Int
  let transactionCount: Int
  private var sources: [Int32] = []
  private var edges: [Edge] = []
  /// Where each vertex's edges begin in `edges`, once they are sorted.
  private var starts: [Int] = []

  init(transactionCount: Int) {
    self.transactionCount = transactionCount
    vertexCount = transactionCount
  }

  var edgeCount: Int { edges.count }

  func isJunction(_ vertex: Int) -> Bool { vertex >= transactionCount }

  /// The edges out of a vertex; ``sortEdges()`` must have been called after the last `link`.
  func edges(from vertex: Int) -> ArraySlice<Edge> { edges[edgeRange(from: vertex)] }

  func edgeRange(from vertex: Int) -> Range<Int> { starts[vertex]..<starts[vertex + 1] }

  func edge(_ index: Int) -> Edge { edges[index] }
}

// MARK: - Building

extension DependencyGraph {
  /// Adds an edge; one from a vertex to itself says nothing and is left out.
  mutating func link(_ source: Int, _ target: Int, _ relation: Relations) {
    guard source != target else { return }
    sources.append(Int32(source))
    edges.append(Edge(target: target, relation: relation))
  }

  mutating func addJunction() -> Int {
    defer { vertexCount += 1 }
    return vertexCount
  }

  /// Links each of `sources` with all of `targets` but itself. Both hold no vertex twice.
  ///
  /// - Complexity: O(sources + targets) edges.
  mutating func link(all sources: [Int], toAll targets: [Int], _ relation: Relations) {
    guard sources.count > 1, targets.count > 1 else {
      for source in sources { for target in targets { link(source, target, relation) } }
      return
    }
    // before[i] leads to the targets up to the ith, after[i] to those from the ith on.
    let before = targets.map { _ in addJunction() }
    let after = targets.map { _ in addJunction() }
    for (place, target) in targets.enumerated() {
      link(before[place], target, .through)
      link(after[place], target, .through)
      if place > 0 {
        link(before[place], before[place - 1], .through)
        link(after[place - 1], after[place], .through)
      }
    }
    let places = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($1, $0) })
    for source in sources {
      guard let own = places[source] else {
        link(source, after[0], relation)
        continue
      }
      if own > 0 { link(source, before[own - 1], relation) }
      if own + 1 < targets.count { link(source, after[own + 1], relation) }
    }
  }

  /// Groups the edges by their sources, each group in the order in which its edges were linked.
  mutating func sortEdges() {
    starts = Array(repeating: 0, count: vertexCount + 1)
    for source in sources { starts[Int(source) + 1] += 1 }
    for vertex in 0..<vertexCount { starts[vertex + 1] += starts[vertex] }
    var next = starts
    var sorted = edges
    for (source, edge) in zip(sources, edges) {
      sorted[next[Int(source)]] = edge
      next[Int(source)] += 1
    }
    edges = sorted
  }
}
