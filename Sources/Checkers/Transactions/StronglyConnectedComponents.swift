/// Numbers the strongly connected components of a graph; two vertices share one if each can be
/// reached from the other.
///
/// Tarjan, "Depth-first search and linear graph algorithms", 1972, with a stack of its own in place
/// of recursion, which a history of many thousand transactions would exhaust. A component's number
/// is greater than those of all that can be reached from it.
struct StronglyConnectedComponents {
  /// Each vertex's component.
  private(set) var numbers: [Int]
  /// Each component's number of vertices.
  private(set) var sizes: [Int] = []

  /// - Parameters:
  ///   - edges: The range of a vertex's edges.
  ///   - target: Where an edge leads; nil for one that is not to be followed.
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

  /// Closes the component of which `vertex` is the first that was entered, if it is; else tells the
  /// vertex it was entered from how far back it reaches.
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
    /// When each vertex was entered, or -1.
    var order: [Int]
    /// The earliest vertex known to be reached from each.
    var lowest: [Int]
    /// Entered, and not yet in a component.
    var open: [Int] = []
    /// The path under way, with the edges that are left at each vertex.
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
