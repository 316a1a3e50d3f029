import EddyCheckers
import EddyHistory

/// Draws operations on a register as bars over time, a lane per process, and the order found as numbered points
/// on a line.
///
/// The events are equally far apart, whatever the time between them, so that short operations can be read.
struct RegisterTimelineDrawing {
  private let timeline: RegisterTimeline
  /// The entries of the history shown, ascending: each has a column.
  private let events: [Int]
  private let lanes: [Int]

  private static let left = 96.0
  private static let top = 78.0
  private static let lane = 40.0
  private static let column = 34.0
  private static let track = 24.0

  init(_ timeline: RegisterTimeline) {
    self.timeline = timeline
    events = timeline.bars.flatMap { [$0.invocation] + ($0.completion.map { [$0] } ?? []) }.sorted()
    lanes = Array(Set(timeline.bars.map(\.process))).sorted()
  }

  private var offender: RegisterTimeline.Bar { timeline.bars[timeline.offender] }
  private var right: Double { Self.left + Double(events.count + 1) * Self.column }
  private var bottom: Double { Self.top + Double(lanes.count) * Self.lane }

  /// The left edge of an entry's column.
  private func x(_ entry: Int) -> Double {
    Self.left + (Double(events.firstIndex(of: entry) ?? events.count) + 0.5) * Self.column
  }

  private func end(_ bar: RegisterTimeline.Bar) -> Double { bar.completion.map(x) ?? right }

  private func y(_ process: Int) -> Double {
    Self.top + (Double(lanes.firstIndex(of: process) ?? 0) + 0.5) * Self.lane
  }

  func picture(_ name: String) -> Picture {
    let title = "\(timeline.name): the \(offender.label) in red has no place in any order"
    return Picture(name: name, title: title, width: max(right + 16, 760), height: bottom + Self.track + 44) {
      svg in
      drawLegend(&svg)
      drawLanes(&svg)
      drawOffendersTime(&svg)
      for (index, bar) in timeline.bars.enumerated() {
        draw(bar, isOffender: index == timeline.offender, &svg)
      }
      let points = points
      drawOrder(points, &svg)
      drawValues(points, &svg)
      drawTimes(&svg)
    }
  }
}

// MARK: - The order found

extension RegisterTimelineDrawing {
  private struct Point {
    var bar: RegisterTimeline.Bar
    var x: Double
  }

  /// Where each operation takes effect: between two events, as early as the order and its invocation allow.
  private var points: [Point] {
    let placed = timeline.bars.filter { $0.place != nil }.sorted { ($0.place ?? 0) < ($1.place ?? 0) }
    var gaps: [Int] = []
    for bar in placed { gaps.append(max(gaps.last ?? 0, events.firstIndex(of: bar.invocation) ?? 0)) }
    return placed.indices.map { index in
      let gap = gaps[index]
      let others = gaps.count { $0 == gap }
      let number = index - (gaps.firstIndex(of: gap) ?? 0)
      let fraction = (Double(number) + 1) / (Double(others) + 1)
      return Point(bar: placed[index], x: Self.left + (Double(gap) + 0.5 + fraction) * Self.column)
    }
  }

  private func drawOrder(_ points: [Point], _ svg: inout Markup) {
    let path = points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(px: point.x) \(px: y(point.bar.process) + 6)"
    }.joined()
    svg.element("path", ["class": "order", "d": path])
    for point in points {
      let y = y(point.bar.process) + 6
      svg.element("circle", ["class": "point", "cx": "\(px: point.x)", "cy": "\(px: y)", "r": "8"]) {
        $0.element("title", text: "\(point.bar.place ?? 0) in the order: \(tooltip(point.bar))")
      }
      svg.element(
        "text", ["class": "rank", "x": "\(px: point.x)", "y": "\(px: y + 3.5)", "text-anchor": "middle"],
        text: "\(point.bar.place ?? 0)")
    }
  }

  /// The register's value over time, in the order found.
  private func drawValues(_ points: [Point], _ svg: inout Markup) {
    let top = bottom + 8
    svg.element(
      "text", ["class": "tick", "x": "\(px: Self.left - 10)", "y": "\(px: top + 16)", "text-anchor": "end"],
      text: timeline.name.shortened(to: 14))
    var (start, value) = (Self.left, timeline.initialValue)
    let changes = points.map { (x: $0.x, value: $0.bar.value ?? "") } + [(x: right, value: "")]
    for (index, change) in changes.enumerated() {
      guard change.value != value || index == changes.count - 1 else { continue }
      svg.element("rect", DiagramDrawing.rect("state", start, top, change.x - start, Self.track)) {
        $0.element("title", text: "\(timeline.name) is \(value)")
      }
      if change.x - start > textWidth(value, size: 12) {
        svg.element(
          "text",
          ["x": "\(px: (start + change.x) / 2)", "y": "\(px: top + 16)", "text-anchor": "middle"], text: value
        )
      }
      (start, value) = (change.x, change.value)
    }
  }
}

// MARK: - Operations

extension RegisterTimelineDrawing {
  private func draw(_ bar: RegisterTimeline.Bar, isOffender: Bool, _ svg: inout Markup) {
    let (start, end, y) = (x(bar.invocation), end(bar), y(bar.process))
    let kind = isOffender ? "wrong" : bar.completion == nil ? "unknown" : "known"
    svg.element("rect", DiagramDrawing.rect("operation \(kind)", start, y - 1, end - start, 14)) {
      $0.element("title", text: tooltip(bar))
    }
    svg.element(
      "text", ["class": isOffender ? "wrong" : "", "x": "\(px: start)", "y": "\(px: y - 5)"], text: bar.label)
  }

  private func tooltip(_ bar: RegisterTimeline.Bar) -> String {
    let end = bar.completion.map { "completed at \(bar.end?.clock ?? "") (operation \($0))" }
    return
      "\(bar.label), process \(bar.process)\(bar.node.map { " on \($0)" } ?? ""), invoked at \(bar.start.clock) "
      + "(operation \(bar.invocation)), \(end ?? "of unknown outcome")"
  }

  private func drawLanes(_ svg: inout Markup) {
    for process in lanes {
      let y = y(process)
      svg.element(
        "path",
        ["class": "grid", "d": "M\(px: Self.left) \(px: y + 6)H\(px: right)"])
      // A process talks to one node.
      let node = timeline.bars.first { $0.process == process }?.node
      svg.element(
        "text", ["class": "tick", "x": "\(px: Self.left - 10)", "y": "\(px: y + 10)", "text-anchor": "end"],
        text: "process \(process)\(node.map { ", \($0)" } ?? "")".shortened(to: 18))
    }
  }

  /// Tints the time of the operation without a place, in which the register never has the value needed.
  private func drawOffendersTime(_ svg: inout Markup) {
    let (start, end) = (x(offender.invocation), end(offender))
    svg.element(
      "rect", DiagramDrawing.rect("during", start, Self.top, end - start, bottom + 8 + Self.track - Self.top))
  }

  private func drawTimes(_ svg: inout Markup) {
    let y = bottom + Self.track + 26
    let times =
      [(timeline.bars.map(\.start).min(), Self.left, "start")].compactMap { time, x, anchor in
        time.map { ($0, x, anchor) }
      } + [(offender.start, x(offender.invocation), "end")]
      + (offender.end.map { [($0, end(offender), "start")] } ?? [])
    for (time, x, anchor) in times {
      svg.element(
        "text", ["class": "tick", "x": "\(px: x)", "y": "\(px: y)", "text-anchor": anchor], text: time.clock)
    }
  }

  private func drawLegend(_ svg: inout Markup) {
    let omitted = timeline.omittedCount
    let before = omitted > 0 ? " \(omitted.counted("operation")) before these in the order." : ""
    let lines = [
      "r 2: a read that returned 2. w 2: a write of 2. 1→2: a compare-and-set from 1 to 2. Dashed: unknown outcome. "
        + "Times are not to scale.",
      "Circles: a longest order found, and when each takes effect. Bottom: \(timeline.name) in it; \(offender.label) "
        + "needs \(timeline.needed).\(before)",
    ]
    for (index, line) in lines.enumerated() {
      svg.element("text", ["class": "tick", "x": "0", "y": "\(38 + index * 16)"], text: line)
    }
  }
}

extension RegisterTimelineDrawing {
  static let stylesheet =
    """
    .plot .operation{stroke-width:1.2;rx:3}.plot .unknown{stroke-dasharray:4 3}.plot .rank{font-size:10px}\
    .plot .order{fill:none;stroke-width:1.2}.plot text.wrong{font-weight:600}

    """ + Theme.stylesheet(colours)

  private static func colours(_ theme: Theme) -> String {
    """
    .plot .known{fill:\(theme.ok);fill-opacity:.3;stroke:\(theme.ok)}\
    .plot .unknown{fill:\(theme.info);fill-opacity:.2;stroke:\(theme.info)}\
    .plot rect.wrong{fill:\(theme.fail);fill-opacity:.75;stroke:\(theme.fail)}.plot text.wrong{fill:\(theme.fail)}\
    .plot .during{fill:\(theme.fail);fill-opacity:.08}.plot .point{fill:\(theme.paper);stroke:\(theme.kinds[0])}\
    .plot .order{stroke:\(theme.kinds[0]);stroke-opacity:.6}.plot .rank{fill:\(theme.kinds[0])}\
    .plot .state{fill:\(theme.panel);stroke:\(theme.line)}
    """
  }
}
