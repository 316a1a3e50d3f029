/// Finds the shortest cycle through a given edge, by breadth-first search.
///
/// Create it once for a graph: a search takes time only for the positions it reaches, since it needs no
/// reset.
struct ShortestCycle {
  private let graph: DependencyGraph
  private let components: StronglyConnectedComponents
  /// By position: the number of the last search that reached it.
  private var reachedBy: [Int]
  /// By position: the previous position in that search, and the relation of the edge between them.
  private var origins: [(position: Int, relation: DependencyGraph.Relations)]
  private var search = 0

  init(_ graph: DependencyGraph, _ components: StronglyConnectedComponents) {
    self.graph = graph
    self.components = components
    reachedBy = Array(repeating: 0, count: graph.vertexCount * 2)
    origins = Array(repeating: (0, []), count: graph.vertexCount * 2)
  }

  /// The shortest cycle that begins with the edge `first` out of `source`; nil if there is none.
  mutating func cycle(
    from source: Int, along first: DependencyGraph.Edge, _ pattern: CyclePattern
  ) -> [DependencyCycle.Step]? {
    search += 1
    let start = CyclePattern.start(at: source)
    guard let second = pattern.step(from: start, along: first, isFirst: true) else { return nil }
    var layer: [Int] = []
    var next: [Int] = []
    enter(second, from: start, first.relation, pattern, &next)
    while !next.isEmpty, reachedBy[start] != search {
      swap(&layer, &next)
      next.removeAll(keepingCapacity: true)
      for position in layer {
        for (target, relation) in nextSteps(from: position, pattern) {
          enter(target, from: position, relation, pattern, &next)
        }
      }
    }
    return reachedBy[start] == search ? steps(from: start) : nil
  }

  /// Marks a position as reached and adds it to the layer. A junction has no length: the positions behind it
  /// belong to the same layer.
  private mutating func enter(
    _ position: Int, from origin: Int, _ relation: DependencyGraph.Relations, _ pattern: CyclePattern,
    _ layer: inout [Int]
  ) {
    var pending = [(position, origin, relation)]
    while let (position, origin, relation) = pending.popLast() {
      guard reachedBy[position] != search else { continue }
      reachedBy[position] = search
      origins[position] = (origin, relation)
      if graph.isJunction(CyclePattern.vertex(of: position)) {
        for (target, relation) in nextSteps(from: position, pattern) {
          pending.append((target, position, relation))
        }
      } else {
        layer.append(position)
      }
    }
  }

  private func nextSteps(
    from position: Int, _ pattern: CyclePattern
  ) -> some Sequence<(position: Int, relation: DependencyGraph.Relations)> {
    let vertex = CyclePattern.vertex(of: position)
    return graph.edges(from: vertex).lazy.compactMap { [components] edge in
      guard components.areConnected(vertex, edge.target) else { return nil }
      return pattern.step(from: position, along: edge).map { ($0, edge.relation) }
    }
  }

  /// The cycle found by the current search, collected backwards from its end.
  private func steps(from start: Int) -> [DependencyCycle.Step] {
    var steps: [DependencyCycle.Step] = []
    var position = start
    repeat {
      let (origin, relation) = origins[position]
      position = origin
      // For a path through junctions, the relation is that of the edge to the first junction.
      let vertex = CyclePattern.vertex(of: position)
      if !graph.isJunction(vertex) { steps.append(.init(transaction: vertex, relation: relation)) }
    } while position != start
    return steps.reversed()
  }
}
