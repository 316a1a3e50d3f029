import EddyHistory
import EddyNetwork
import EddyTiming

/// Where the lanes and the events of a diagram go.
///
/// Time runs downwards, because lanes are few and their number is known, while time is long: a page
/// scrolls that way, and names of lanes stand side by side. The scale is elastic. Order is exact:
/// what happens before stands higher, and two events of a lane never share a place unless they are
/// of one kind and one instant. Distance grows with the logarithm of time, so that microseconds and
/// seconds both are seen, and nothing is drawn of the hours between.
struct DiagramLayout {
  /// A place on the axis of time.
  struct Row {
    var time: Instant
    var y: Double
    /// The time since the row before.
    var gap: Duration
  }

  /// The rows that begin an instant, downwards.
  private(set) var rows: [Row] = []
  /// The horizontal place of each lane of the trace that is drawn.
  private(set) var laneX: [Int: Double] = [:]
  private(set) var width = 0.0
  let top: Double
  private(set) var bottom: Double
  /// The mean distance of two lanes.
  let spacing: Double

  private var eventY: [Int: Double] = [:]
  private var entryY: [Int: Double] = [:]

  /// The column of times, on the left.
  static let axisWidth = 84.0
  /// Between the outermost lanes and what is beside them.
  static let margin = 64.0
  /// From one event of an instant to the next that it brings about; less where there are many.
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

  /// Where an event stands; nil if it is not drawn.
  func y(ofEvent index: Int) -> Double? { eventY[index] }

  /// Where an invocation or a completion stands, by its index in the history; nil if it is not drawn.
  func y(ofEntry index: Int) -> Double? { entryY[index] }

  /// Where a time lies among the rows: at the first one that is not before it.
  func y(at time: Instant) -> Double {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].time < time { low = middle + 1 } else { high = middle }
    }
    return low < rows.count ? rows[low].y : bottom
  }

  /// A client stands close to its node, which is on the right of it. The room on its left is for
  /// what its operations say.
  private mutating func placeLanes(_ trace: Trace, _ lanes: [Int], left: Double) {
    let isClientFirst = lanes.first.map { trace.lanes[$0].role == .client } ?? false
    var x = left + (isClientFirst ? max(Self.margin, spacing * 1.5) : Self.margin)
    for (place, lane) in lanes.enumerated() {
      if place > 0 {
        let isTogether =
          trace.lanes[lane].node != nil && trace.lanes[lane].node == trace.lanes[lanes[place - 1]].node
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
    var place = drawn.startIndex
    while place < drawn.endIndex {
      let (time, depth) = (trace.events[drawn[place]].time, trace.events[drawn[place]].depth)
      while let boundary = boundaries.first, boundary <= time {
        boundaries.removeFirst()
        if boundary < time, let gap = advance(boundary, 0) {
          rows.append(Row(time: boundary, y: y, gap: gap))
        }
      }
      let gap = advance(time, depth)
      let end = drawn[place...].firstIndex {
        trace.events[$0].time != time || trace.events[$0].depth != depth
      }
      let row = drawn[place..<(end ?? drawn.endIndex)]
      for index in row { y = max(y, least(index, trace, lastOnLane)) }
      for index in row {
        eventY[index] = y
        let event = trace.events[index]
        lastOnLane[event.lane] = y
        if event.kind == .invoke || event.kind == .complete { entryY[event.subject] = y }
      }
      if let gap { rows.append(Row(time: time, y: y, gap: gap)) }
      place = row.endIndex
    }
    for boundary in boundaries {
      if let gap = advance(boundary, 0) { rows.append(Row(time: boundary, y: y, gap: gap)) }
    }
    bottom = y
  }

  /// The highest place that an event may have: under what came before it on its lane and under what
  /// sent it.
  private func least(_ index: Int, _ trace: Trace, _ lastOnLane: [Int: Double]) -> Double {
    let event = trace.events[index]
    var least = lastOnLane[event.lane].map { $0 + Self.laneGap } ?? top
    if event.kind == .receive || event.kind == .drop, let sent = eventY[trace.sends[event.subject]] {
      least = max(least, sent + rowHeight)
    }
    return least
  }

  /// 1 px for what is almost at once, 5 px for a millisecond, 29 px for 100 ms, 57 px for 10 s; about
  /// half of it where there are many events.
  private func distance(_ gap: Duration) -> Double {
    1 + rowHeight * 0.875 * Double.log(1 + gap.milliseconds) / Double.log(10)
  }
}
