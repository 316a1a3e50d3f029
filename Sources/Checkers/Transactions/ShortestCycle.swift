/// Finds the shortest way round from a transaction to itself, by breadth-first search.
///
/// Made once for a graph: a search touches, and forgets, no more than it reaches.
struct ShortestCycle {
  private let graph: DependencyGraph
  private let components: StronglyConnectedComponents
  /// The number of the search that reached each position last.
  private var reachedBy: [Int]
  /// From where it did, and along what.
  private var origins: [(position: Int, relation: DependencyGraph.Relations)]
  private var search = 0

  init(_ graph: DependencyGraph, _ components: StronglyConnectedComponents) {
    self.graph = graph
    self.components = components
    reachedBy = Array(repeating: 0, count: graph.vertexCount * 2)
    origins = Array(repeating: (0, []), count: graph.vertexCount * 2)
  }

  /// The cycle of fewest transactions that begins with an edge out of `source`; nil if there is none.
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

  /// Notes that a position has been reached, and adds it to its layer. A junction does not count as a
  /// step: what lies behind it belongs to the same layer.
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

  /// The way just found, from its end to its beginning and then turned round.
  private func steps(from start: Int) -> [DependencyCycle.Step] {
    var steps: [DependencyCycle.Step] = []
    var position = start
    repeat {
      let (origin, relation) = origins[position]
      position = origin
      // Of a way through junctions, the relation is that which led to the first.
      let vertex = CyclePattern.vertex(of: position)
      if !graph.isJunction(vertex) { steps.append(.init(transaction: vertex, relation: relation)) }
    } while position != start
    return steps.reversed()
  }
}
