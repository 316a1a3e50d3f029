import EddyHistory

/// Decides for many pairs of vertices whether a path connects them.
///
/// No linear-time algorithm is known. The condensed graph is swept in topological order, each sweep for up
/// to 512 pairs at once.
struct Reachability {
  typealias Pair = (source: Int, target: Int)
  private typealias PairSet = SIMD8<UInt64>
  static let pairsPerSweep = PairSet.scalarCount * UInt64.bitWidth

  private let graph: DependencyGraph
  private let isFollowed: (Int, DependencyGraph.Edge) -> Bool
  /// The condensed graph. Components are numbered in reverse topological order: edges lead to lower numbers.
  private let components: StronglyConnectedComponents
  /// The vertices, by descending component.
  private let vertices: [Int]
  /// By component: the pairs of the current sweep whose source reaches it.
  private var reached: [PairSet]

  /// - Parameter isFollowed: Whether a path may take an edge out of a vertex.
  init(_ graph: DependencyGraph, isFollowed: @escaping (_ source: Int, DependencyGraph.Edge) -> Bool) {
    self.graph = graph
    self.isFollowed = isFollowed
    let components = StronglyConnectedComponents(
      vertexCount: graph.vertexCount, edges: graph.edgeRange,
      target: { isFollowed($0, graph.edge($1)) ? graph.edge($1).target : nil })
    self.components = components
    vertices = (0..<graph.vertexCount).sorted { components.numbers[$0] > components.numbers[$1] }
    reached = Array(repeating: .zero, count: components.sizes.count)
  }

  /// A vertex's rank in reverse topological order. A sweep is cheapest if its pairs have close ranks.
  func rank(of vertex: Int) -> Int { components.numbers[vertex] }

  /// Whether there is a path from the source to the target of each of at most 512 pairs.
  ///
  /// - Complexity: O(vertices + edges) between the sources and the targets in topological order.
  mutating func areConnected(_ pairs: [Pair]) -> [Bool] {
    precondition(pairs.count <= Self.pairsPerSweep, "a sweep takes at most \(Self.pairsPerSweep) pairs")
    let sources = pairs.map { rank(of: $0.source) }
    let targets = pairs.map { rank(of: $0.target) }
    guard let first = sources.max(), let last = targets.min(), first >= last else {
      return pairs.map { _ in false }
    }
    for (bit, source) in sources.enumerated() where source >= last { reached[source].insert(bit) }
    sweep(from: first, to: last)
    defer { for component in last...first { reached[component] = .zero } }
    return targets.enumerated().map { $1 <= first && reached[$1].contains($0) }
  }

  /// Propagates reachability along the edges of the components from `first` down to `last`.
  private mutating func sweep(from first: Int, to last: Int) {
    let start = vertices.partitioningIndex { rank(of: $0) <= first }
    for vertex in vertices[start...] {
      if rank(of: vertex) <= last { return }
      let pairs = reached[rank(of: vertex)]
      if pairs == .zero { continue }
      for edge in graph.edges(from: vertex) where isFollowed(vertex, edge) && rank(of: edge.target) >= last {
        reached[rank(of: edge.target)] |= pairs
      }
    }
  }
}

extension SIMD8<UInt64> {
  fileprivate mutating func insert(_ bit: Int) { self[bit / 64] |= 1 << UInt64(bit % 64) }

  fileprivate func contains(_ bit: Int) -> Bool { self[bit / 64] & 1 << UInt64(bit % 64) != 0 }
}
