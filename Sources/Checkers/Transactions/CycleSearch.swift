/// A cycle of dependencies: each transaction precedes the next, and the last precedes the first.
struct DependencyCycle {
  struct Step {
    var transaction: Int
    /// Why it precedes the next.
    var relation: DependencyGraph.Relations
  }

  var kind: CycleKind
  var order: CycleOrder
  var steps: [Step]
}

/// Finds short cycles of each kind in a dependency graph.
///
/// Existence of a cycle of a kind is decided exactly, in time linear in the size of the graph for all kinds
/// except G-single (see ``Reachability``). One cycle is returned for each strongly connected component:
/// the shortest of several tried.
struct CycleSearch {
  /// An edge that may be the first of a cycle.
  private struct Candidate {
    var source: Int
    var edge: Int
  }

  /// The maximum number of first edges tried in a component to find a short cycle.
  private static let attempts = 16

  private let graph: DependencyGraph
  /// The strongly connected components over all relations. No cycle leaves a component.
  private let components: StronglyConnectedComponents
  /// By component: the anomalies found so far.
  private var found: [Int: [TransactionAnomaly]] = [:]
  /// Nil if there are no cycles. It is large, so a lazy property, which is copied by every use, will not do.
  private var paths: ShortestCycle?

  init(_ graph: DependencyGraph) {
    self.graph = graph
    components = StronglyConnectedComponents(
      vertexCount: graph.vertexCount, edges: graph.edgeRange, target: { graph.edge($1).target })
    if components.sizes.count < graph.vertexCount { paths = ShortestCycle(graph, components) }
  }

  /// One cycle of a kind from each component in which no anomaly that implies it was found. Call it for the
  /// strongest kinds first.
  mutating func cycles(_ kind: CycleKind, _ order: CycleOrder) -> [DependencyCycle] {
    guard paths != nil else { return [] }
    let anomaly = TransactionAnomaly.cycle(kind, order)
    let isOpen = components.sizes.enumerated().map { component, size in
      size > 1 && !(found[component] ?? []).contains { $0.implies(anomaly) }
    }
    guard isOpen.contains(true) else { return [] }
    let pattern = CyclePattern(kind, order)
    let candidates = kind == .gSingleItem ? reachable(pattern, isOpen) : connected(pattern, isOpen)
    let groups = Dictionary(grouping: candidates) { components.numbers[$0.source] }
    return groups.sorted { $0.value[0].source < $1.value[0].source }.map { component, candidates in
      found[component, default: []].append(anomaly)
      let cycles = candidates.prefix(Self.attempts).compactMap { candidate in
        paths?.cycle(from: candidate.source, along: graph.edge(candidate.edge), pattern)
      }
      guard let shortest = cycles.min(by: { $0.count < $1.count }) else {
        preconditionFailure("every candidate is part of a cycle")
      }
      return DependencyCycle(kind: kind, order: order, steps: shortest)
    }
  }

  /// Calls `body` with every edge of an open component that may be the first of a cycle.
  private func forEachFirst(_ pattern: CyclePattern, _ isOpen: [Bool], _ body: (Candidate) -> Void) {
    for source in 0..<graph.transactionCount where isOpen[components.numbers[source]] {
      for edge in graph.edgeRange(from: source) where pattern.first.contains(graph.edge(edge).relation) {
        guard components.areConnected(source, graph.edge(edge).target) else { continue }
        body(Candidate(source: source, edge: edge))
      }
    }
  }

  /// The first edges that lie within a strongly connected component of the positions that the pattern allows.
  private func connected(_ pattern: CyclePattern, _ isOpen: [Bool]) -> [Candidate] {
    let positions = StronglyConnectedComponents(
      vertexCount: graph.vertexCount * 2,
      edges: { position in
        let vertex = CyclePattern.vertex(of: position)
        return isOpen[components.numbers[vertex]] ? graph.edgeRange(from: vertex) : 0..<0
      },
      target: { position, edge in
        let edge = graph.edge(edge)
        guard components.areConnected(CyclePattern.vertex(of: position), edge.target) else { return nil }
        return pattern.step(from: position, along: edge)
      })
    var candidates: [Candidate] = []
    forEachFirst(pattern, isOpen) { candidate in
      let start = CyclePattern.start(at: candidate.source)
      if let next = pattern.step(from: start, along: graph.edge(candidate.edge)),
        positions.areConnected(start, next)
      {
        candidates.append(candidate)
      }
    }
    return candidates
  }

  /// The first edges from whose target the source is reachable by the other edges of the pattern, for
  /// patterns in which only the first edge is an anti-dependency. At least ``attempts`` for each component
  /// that has so many, else all.
  private func reachable(_ pattern: CyclePattern, _ isOpen: [Bool]) -> [Candidate] {
    var reachability = Reachability(graph) { source, edge in
      (pattern.rest.contains(edge.relation) || edge.relation == .through)
        && components.areConnected(source, edge.target)
    }
    var open: [(candidate: Candidate, rank: Int)] = []
    forEachFirst(pattern, isOpen) { open.append(($0, reachability.rank(of: graph.edge($0.edge).target))) }
    open.sort { ($0.rank, $0.candidate.edge) > ($1.rank, $1.candidate.edge) }
    var found: [Candidate] = []
    var counts: [Int: Int] = [:]
    while !open.isEmpty {
      let batch = open.suffix(Reachability.pairsPerSweep).map(\.candidate)
      open.removeLast(batch.count)
      let answers = reachability.areConnected(batch.map { (graph.edge($0.edge).target, $0.source) })
      for (candidate, isConnected) in zip(batch, answers) where isConnected {
        found.append(candidate)
        counts[components.numbers[candidate.source], default: 0] += 1
      }
      if answers.contains(true) {
        open.removeAll { counts[components.numbers[$0.candidate.source], default: 0] >= Self.attempts }
      }
    }
    return found.sorted { $0.edge < $1.edge }
  }
}
