/// The strongly connected components of a graph: two vertices share one if each is reachable from the other.
///
/// Tarjan, "Depth-first search and linear graph algorithms", 1972, with an explicit stack, because recursion
/// would overflow the call stack on long histories. A component's number is greater than the numbers of all
/// components reachable from it.
struct StronglyConnectedComponents {
  /// By vertex: the number of its component.
  private(set) var numbers: [Int]
  /// By component: its number of vertices.
  private(set) var sizes: [Int] = []

  /// - Parameters:
  ///   - edges: The range of a vertex's edges.
  ///   - target: The vertex that an edge leads to; nil if the edge is ignored.
  /// - Complexity: O(vertices + edges).
  init(vertexCount: Int, edges: (_ vertex: Int) -> Range<Int>, target: (_ vertex: Int, _ edge: Int) -> Int?) {
    numbers = Array(repeating: -1, count: vertexCount)
    var search = Search(vertexCount: vertexCount)
    for root in 0..<vertexCount where search.order[root] < 0 {
      search.enter(root, edges(root))
      while let visit = search.visits.last {
        if visit.rest.isEmpty {
          search.visits.removeLast()
          finish(visit.vertex, &search)
        } else {
          search.visits[search.visits.count - 1].rest.removeFirst()
          guard let next = target(visit.vertex, visit.rest.lowerBound) else { continue }
          if search.order[next] < 0 {
            search.enter(next, edges(next))
          } else if numbers[next] < 0 {
            search.lowest[visit.vertex] = min(search.lowest[visit.vertex], search.order[next])
          }
        }
      }
    }
  }

  /// Whether two vertices share a component.
  func areConnected(_ a: Int, _ b: Int) -> Bool { numbers[a] == numbers[b] }

  /// Ends the visit of a vertex: propagates its lowest reachable order to its parent, and completes the
  /// component if `vertex` is its root.
  private mutating func finish(_ vertex: Int, _ search: inout Search) {
    if let parent = search.visits.last?.vertex {
      search.lowest[parent] = min(search.lowest[parent], search.lowest[vertex])
    }
    guard search.lowest[vertex] == search.order[vertex] else { return }
    var size = 0
    var member: Int
    repeat {
      member = search.open.removeLast()
      numbers[member] = sizes.count
      size += 1
    } while member != vertex
    sizes.append(size)
  }

  private struct Search {
    /// By vertex: the number of vertices entered before it; -1 if it was not entered.
    var order: [Int]
    /// By vertex: the lowest order of a vertex known to be reachable from it.
    var lowest: [Int]
    /// The vertices entered that have no component yet.
    var open: [Int] = []
    /// The current path, with the edges not yet followed at each vertex.
    var visits: [(vertex: Int, rest: Range<Int>)] = []
    private var count = 0

    init(vertexCount: Int) {
      order = Array(repeating: -1, count: vertexCount)
      lowest = order
    }

    mutating func enter(_ vertex: Int, _ edges: Range<Int>) {
      order[vertex] = count
      lowest[vertex] = count
      count += 1
      open.append(vertex)
      visits.append((vertex, edges))
    }
  }
}
