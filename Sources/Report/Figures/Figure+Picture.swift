import EddyCheckers

extension Figure {
  /// The figure as a drawing, whose file has this name.
  func picture(_ name: String) -> Picture {
    switch self {
    case .registerTimeline(let timeline): RegisterTimelineDrawing(timeline).picture(name)
    case .cycle(let cycle): CycleDrawing(cycle).picture(name)
    }
  }
}
