import EddyHistory
import EddyNetwork
import EddyTiming

/// The positions of the lanes and the events of a diagram, in pixels.
///
/// Time runs downwards: a run is long and has few lanes, a page scrolls that way, and lane names stand side
/// by side. Order is exact: an event that happens before another is higher, and two events of a lane have
/// different positions unless they have the same kind, instant and depth. Distance grows with the logarithm
/// of time, so that microseconds and seconds are both visible.
struct DiagramLayout {
  /// A position on the time axis.
  struct Row {
    var time: Instant
    var y: Double
    /// The time since the previous row.
    var gap: Duration
  }

  /// The first row of each instant, in the order of time.
  private(set) var rows: [Row] = []
  /// By index of a drawn lane in the trace: its horizontal position.
  private(set) var laneX: [Int: Double] = [:]
  private(set) var width = 0.0
  let top: Double
  private(set) var bottom: Double
  /// The mean distance of adjacent lanes.
  let spacing: Double

  private var eventY: [Int: Double] = [:]
  private var entryY: [Int: Double] = [:]

  /// The width of the time axis, on the left.
  static let axisWidth = 84.0
  /// The space beside the outermost lanes.
  static let margin = 64.0
  /// The distance between an event and one that it causes at the same instant. Smaller if there are many
  /// messages.
  private let rowHeight: Double
  private static let laneGap = 8.0

  init(_ trace: Trace, _ selection: DiagramSelection, boundaries: [Instant], left: Double, top: Double) {
    self.top = top
    bottom = top
    rowHeight = selection.messages.count > 200 ? 10 : 16
    spacing = min(130, max(50, 1040 / Double(max(1, selection.lanes.count))))
    placeLanes(trace, selection.lanes, left: left)
    placeRows(trace, Self.drawnEvents(trace, selection), boundaries)
  }

  /// The vertical position of an event; nil if it is not drawn. O(1).
  func y(ofEvent index: Int) -> Double? { eventY[index] }

  /// The vertical position of an invocation or completion, by its index in the history; nil if it is not
  /// drawn. O(1).
  func y(ofEntry index: Int) -> Double? { entryY[index] }

  /// The vertical position of a time: that of the first row at or after it. O(log n).
  func y(at time: Instant) -> Double {
    let index = rows.partitioningIndex { $0.time >= time }
    return index < rows.count ? rows[index].y : bottom
  }

  /// Places the lanes. A client is close to its node, on the left of it, with room for the labels of its
  /// operations on its left.
  private mutating func placeLanes(_ trace: Trace, _ lanes: [Int], left: Double) {
    let isClientFirst = lanes.first.map { trace.lanes[$0].role == .client } ?? false
    var x = left + (isClientFirst ? max(Self.margin, spacing * 1.5) : Self.margin)
    for (index, lane) in lanes.enumerated() {
      if index > 0 {
        let isTogether =
          trace.lanes[lane].node != nil && trace.lanes[lane].node == trace.lanes[lanes[index - 1]].node
        x += spacing * (isTogether ? 0.5 : 1.5)
      }
      laneX[lane] = x
    }
    width = x + Self.margin
  }

  private static func drawnEvents(_ trace: Trace, _ selection: DiagramSelection) -> [Int] {
    var isDrawn = Array(repeating: false, count: trace.events.count)
    for message in selection.messages {
      for event in [trace.sends[message]] + trace.arrivals[message] { isDrawn[event] = true }
    }
    for mark in selection.marks { isDrawn[mark] = true }
    let history = trace.recording.history
    var entries = Set(selection.operations)
    for invocation in selection.operations {
      if let completion = history.completion(of: history.operations[invocation]) {
        entries.insert(completion.index)
      }
    }
    return trace.events.indices.filter { index in
      let event = trace.events[index]
      let isEntry = event.kind == .invoke || event.kind == .complete
      return isDrawn[index]
        || isEntry && entries.contains(event.subject) && selection.window.contains(event.time)
    }
  }

  private mutating func placeRows(_ trace: Trace, _ drawn: [Int], _ boundaries: [Instant]) {
    var boundaries = boundaries.sorted()[...]
    var last: (time: Instant, depth: Int)?
    var lastOnLane: [Int: Double] = [:]
    var y = top
    func advance(_ time: Instant, _ depth: Int) -> Duration? {
      defer { last = (time, depth) }
      guard let last else { return .zero }
      if last.time < time {
        y += distance(time - last.time)
        return time - last.time
      }
      if last.depth < depth { y += rowHeight }
      return nil
    }
    var start = drawn.startIndex
    while start < drawn.endIndex {
      let (time, depth) = (trace.events[drawn[start]].time, trace.events[drawn[start]].depth)
      while let boundary = boundaries.first, boundary <= time {
        boundaries.removeFirst()
        if boundary < time, let gap = advance(boundary, 0) {
          rows.append(Row(time: boundary, y: y, gap: gap))
        }
      }
      let gap = advance(time, depth)
      let end = drawn[start...].firstIndex {
        trace.events[$0].time != time || trace.events[$0].depth != depth
      }
      let row = drawn[start..<(end ?? drawn.endIndex)]
      for index in row { y = max(y, minimumY(index, trace, lastOnLane)) }
      for index in row {
        eventY[index] = y
        let event = trace.events[index]
        lastOnLane[event.lane] = y
        if event.kind == .invoke || event.kind == .complete { entryY[event.subject] = y }
      }
      if let gap { rows.append(Row(time: time, y: y, gap: gap)) }
      start = row.endIndex
    }
    for boundary in boundaries {
      if let gap = advance(boundary, 0) { rows.append(Row(time: boundary, y: y, gap: gap)) }
    }
    bottom = y
  }

  /// The highest position that an event may have: below the previous event on its lane and below the send of
  /// its message.
  private func minimumY(_ index: Int, _ trace: Trace, _ lastOnLane: [Int: Double]) -> Double {
    let event = trace.events[index]
    var minimum = lastOnLane[event.lane].map { $0 + Self.laneGap } ?? top
    if event.kind == .receive || event.kind == .drop, let sent = eventY[trace.sends[event.subject]] {
      minimum = max(minimum, sent + rowHeight)
    }
    return minimum
  }

  /// The distance for a gap: 1 px for microseconds, 5 px for 1 ms, 29 px for 100 ms, 57 px for 10 s. About
  /// half of that if there are many messages.
  private func distance(_ gap: Duration) -> Double {
    1 + rowHeight * 0.875 * Double.log(1 + gap.milliseconds) / Double.log(10)
  }
}
