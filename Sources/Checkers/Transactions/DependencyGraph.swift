/// Which transactions must precede which others, and why.
///
/// The first vertices are transactions, the others are junctions. A path from a transaction through
/// junctions to another transaction is one dependency. Junctions express that all of m transactions precede
/// all of n others with m + n edges instead of m·n.
struct DependencyGraph {
  /// Why one transaction must precede another; Adya's dependencies and the orders of processes and time.
  struct Relations: OptionSet, Hashable {
    let rawValue: UInt8

    /// Write dependency: the other overwrote a version that it wrote.
    static let ww = Relations(rawValue: 1)
    /// Read dependency: the other read a version that it wrote.
    static let wr = Relations(rawValue: 1 << 1)
    /// Anti-dependency: the other overwrote a version that it read.
    static let rw = Relations(rawValue: 1 << 2)
    /// Process order: the same process executed it earlier.
    static let process = Relations(rawValue: 1 << 3)
    /// Real-time order: it completed before the other was invoked.
    static let realtime = Relations(rawValue: 1 << 4)
    /// An edge out of a junction: it continues the dependency that led to the junction.
    static let through = Relations(rawValue: 1 << 5)
  }

  /// Has 8 bytes: a million transactions have millions of edges.
  struct Edge {
    private let vertex: Int32
    let relation: Relations

    init(target: Int, relation: Relations) {
      vertex = Int32(target)
      self.relation = relation
    }

    var target: Int { Int(vertex) }
  }

  private(set) var vertexCount: Int
  let transactionCount: Int
  private var sources: [Int32] = []
  private var edges: [Edge] = []
  /// By vertex: the index of its first edge in the sorted `edges`.
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
  /// Adds an edge. An edge from a vertex to itself is ignored.
  mutating func link(_ source: Int, _ target: Int, _ relation: Relations) {
    guard source != target else { return }
    sources.append(Int32(source))
    edges.append(Edge(target: target, relation: relation))
  }

  mutating func addJunction() -> Int {
    defer { vertexCount += 1 }
    return vertexCount
  }

  /// Links each of `sources` to all of `targets` except itself. Neither contains a vertex twice.
  ///
  /// - Complexity: O(sources + targets) edges.
  mutating func link(all sources: ArraySlice<Int32>, toAll targets: ArraySlice<Int32>, _ relation: Relations)
  {
    guard sources.count > 1, targets.count > 1 else {
      for source in sources { for target in targets { link(Int(source), Int(target), relation) } }
      return
    }
    // before[i] leads to targets[...i], after[i] to targets[i...].
    let before = targets.map { _ in addJunction() }
    let after = targets.map { _ in addJunction() }
    for (index, target) in targets.enumerated() {
      link(before[index], Int(target), .through)
      link(after[index], Int(target), .through)
      if index > 0 {
        link(before[index], before[index - 1], .through)
        link(after[index - 1], after[index], .through)
      }
    }
    let indices = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($1, $0) })
    for source in sources {
      guard let own = indices[source] else {
        link(Int(source), after[0], relation)
        continue
      }
      if own > 0 { link(Int(source), before[own - 1], relation) }
      if own + 1 < targets.count { link(Int(source), after[own + 1], relation) }
    }
  }

  /// Groups the edges by source, each group in the order of `link` calls. O(vertices + edges).
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
