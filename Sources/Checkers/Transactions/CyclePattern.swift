/// The edges that cycles of one kind consist of.
///
/// A search visits positions. A position is a vertex and whether the last edge was an anti-dependency, which
/// matters only where anti-dependencies must not be adjacent.
struct CyclePattern {
  typealias Relations = DependencyGraph.Relations

  /// The relations allowed for the first edge.
  let first: Relations
  /// The relations allowed for all other edges.
  let rest: Relations
  /// Whether adjacent anti-dependencies are forbidden.
  let isNonadjacent: Bool

  init(_ kind: CycleKind, _ order: CycleOrder) {
    let given: Relations =
      switch order {
      case .data: []
      case .process: .process
      case .realtime: .realtime
      }
    (first, rest) =
      switch kind {
      case .g0: (.ww, given.union(.ww))
      case .g1c: (.wr, given.union([.ww, .wr]))
      case .gSingleItem: (.rw, given.union([.ww, .wr]))
      case .gNonadjacentItem, .g2Item: (.rw, given.union([.ww, .wr, .rw]))
      }
    isNonadjacent = kind == .gNonadjacentItem
  }

  /// The position of a vertex before the first edge.
  package static func start(at vertex: Int) -> Int { vertex * 2 }

  static func vertex(of position: Int) -> Int { position / 2 }

  /// The position that an edge leads to; nil if the pattern does not allow the edge.
  func step(from position: Int, along edge: DependencyGraph.Edge, isFirst: Bool = false) -> Int? {
    let afterAntidependency = position % 2 == 1
    if edge.relation == .through { return edge.target * 2 + position % 2 }
    guard (isFirst ? first : rest).contains(edge.relation) else { return nil }
    guard isNonadjacent, edge.relation == .rw else { return edge.target * 2 }
    return afterAntidependency ? nil : edge.target * 2 + 1
  }
}
