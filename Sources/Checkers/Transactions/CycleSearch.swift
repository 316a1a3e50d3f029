/// A cycle of dependencies: each transaction comes before the next, and the last before the first.
struct DependencyCycle {
  struct Step {
    var transaction: Int
    /// Why it comes before the next.
    var relation: DependencyGraph.Relations
  }

  var kind: CycleKind
  var order: CycleOrder
  var steps: [Step]
}

/// Finds short cycles of each kind in a graph of dependencies.
///
/// Whether there is a cycle of a kind is decided exactly: in time linear in the size of the graph for
/// all kinds but G-single (see ``Reachability``). Of the cycles that there are, one is given for each
/// strongly connected component, the shortest of some tried.
struct CycleSearch {
  /// An edge that a cycle may begin with.
  private struct Candidate {
    var source: Int
    var edge: Int
  }

  /// How many edges of a component are tried in search of its shortest cycle.
  private static let attempts = 16

  private let graph: DependencyGraph
  /// The strongly connected components by all relations: no cycle leaves one.
  private let components: StronglyConnectedComponents
  /// What has been found so far in each of them.
  private var found: [Int: [TransactionAnomaly]] = [:]
  private var paths: ShortestCycle

  init(_ graph: DependencyGraph) {
    self.graph = graph
    components = StronglyConnectedComponents(
      vertexCount: graph.vertexCount, edges: graph.edgeRange, target: { graph.edge($1).target })
    paths = ShortestCycle(graph, components)
  }

  /// Cycles of a kind, one for each component in which none was found that implies it. To be called
  /// for the worst kinds first.
  mutating func cycles(_ kind: CycleKind, _ order: CycleOrder) -> [DependencyCycle] {
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
        paths.cycle(from: candidate.source, along: graph.edge(candidate.edge), pattern)
      }
      guard let shortest = cycles.min(by: { $0.count < $1.count }) else {
        preconditionFailure("every candidate is part of a cycle")
      }
      return DependencyCycle(kind: kind, order: order, steps: shortest)
    }
  }

  /// Calls `body` with all edges in open components that a cycle may begin with.
  private func forEachFirst(_ pattern: CyclePattern, _ isOpen: [Bool], _ body: (Candidate) -> Void) {
    for source in 0..<graph.transactionCount where isOpen[components.numbers[source]] {
      for edge in graph.edgeRange(from: source) where pattern.first.contains(graph.edge(edge).relation) {
        guard components.areConnected(source, graph.edge(edge).target) else { continue }
        body(Candidate(source: source, edge: edge))
      }
    }
  }

  /// The first edges that lie within one strongly connected component of what the pattern allows.
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

  /// The first edges whose sources can be reached again by the rest of what the pattern allows, where
  /// that does not include the first: enough of them for each component.
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
