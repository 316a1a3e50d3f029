/// What the cycles of one kind look like, step by step.
///
/// A search walks over positions: a vertex, and whether the step that led there was an
/// anti-dependency, which only matters where no two of them may follow each other.
struct CyclePattern {
  typealias Relations = DependencyGraph.Relations

  /// What the first step must be.
  let first: Relations
  /// What all others may be.
  let rest: Relations
  /// Whether no two anti-dependencies may follow each other.
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

  /// The position of a vertex before the first step.
  package static func start(at vertex: Int) -> Int { vertex * 2 }

  static func vertex(of position: Int) -> Int { position / 2 }

  /// The position that an edge leads to; nil if it may not be followed.
  func step(from position: Int, along edge: DependencyGraph.Edge, isFirst: Bool = false) -> Int? {
    let afterAntidependency = position % 2 == 1
    if edge.relation == .through { return edge.target * 2 + position % 2 }
    guard (isFirst ? first : rest).contains(edge.relation) else { return nil }
    guard isNonadjacent, edge.relation == .rw else { return edge.target * 2 }
    return afterAntidependency ? nil : edge.target * 2 + 1
  }
}
