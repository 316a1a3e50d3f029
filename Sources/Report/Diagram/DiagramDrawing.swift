import EddyHistory
import EddyTiming

/// Draws a selection of a trace as SVG.
struct DiagramDrawing {
  let trace: Trace
  let selection: DiagramSelection
  let layout: DiagramLayout
  /// Indices of entries of the history whose operations are emphasized.
  let focus: Set<Int>
  let legend: DiagramLegend
  private let faults: [FaultInterval]
  private let width: Double

  private static let faultColumn = 18.0
  private static let padding = 16.0

  init(_ trace: Trace, _ selection: DiagramSelection, focus: Set<Int>) {
    self.trace = trace
    self.selection = selection
    self.focus = focus
    faults = trace.recording.history.faults.filter { $0.overlaps(selection.window) }
    let boundaries = faults.flatMap { [$0.start] + ($0.end.map { [$0] } ?? []) }
      .filter { selection.window.contains($0) }
    let left = DiagramLayout.axisWidth + Double(Set(faults.map(\.fault)).count) * Self.faultColumn
    // The legend's height depends on the width, which depends only on the lanes, so they are laid out first.
    let draft = DiagramLayout(trace, selection, boundaries: [], left: left, top: 0)
    width = max(draft.width, 760)
    // The legend is limited to the width of a window, so that it is visible without scrolling.
    legend = DiagramLegend(trace, selection, faults, width: min(width, 1000) - 2 * Self.padding)
    layout = DiagramLayout(
      trace, selection, boundaries: boundaries, left: left, top: Self.padding + legend.height + 58)
  }

  /// The picture as an SVG element. It contains the style sheet unless that is empty.
  func svg(stylesheet: String) -> String {
    let height = layout.bottom + 44
    var svg = Markup()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "lamport", "width": "\(px: width)",
        "height": "\(px: height)", "viewBox": "0 0 \(px: width) \(px: height)", "role": "img",
      ]
    ) { svg in
      svg.element("title", text: "Lamport diagram: \(legend.title)")
      if !stylesheet.isEmpty { svg.element("style") { $0.raw(stylesheet) } }
      svg.element("rect", ["class": "paper", "width": "100%", "height": "100%"])
      svg.element("g", ["transform": "translate(\(px: Self.padding),\(px: Self.padding))"]) {
        legend.draw(into: &$0)
      }
      drawFaults(&svg)
      drawAxis(&svg)
      drawLanes(&svg)
      drawEvents(&svg)
    }
    return svg.string
  }
}

// MARK: - Faults

extension DiagramDrawing {
  private func drawFaults(_ svg: inout Markup) {
    guard !faults.isEmpty else { return }
    let columns = Fault.allCases.filter { fault in faults.contains { $0.fault == fault } }
    svg.element("g", ["class": "faults"]) { svg in
      for interval in faults {
        let top = max(layout.top, layout.y(at: interval.start)) - 6
        let bottom = (interval.end.map { layout.y(at: $0) } ?? layout.bottom) + 6
        let column = Double(columns.firstIndex(of: interval.fault) ?? 0)
        drawBar(interval, x: DiagramLayout.axisWidth + column * Self.faultColumn, top, bottom, &svg)
        drawLanes(under: interval, top, bottom, &svg)
      }
    }
  }

  /// Draws a bar with the fault's name beside the time axis, and a faint tint over all lanes.
  private func drawBar(
    _ interval: FaultInterval, x: Double, _ top: Double, _ bottom: Double, _ svg: inout Markup
  ) {
    let (start, height) = (x + Self.faultColumn, bottom - top)
    svg.element("g") { svg in
      svg.element("title", text: tooltip(of: interval))
      svg.element("rect", Self.rect("fault", start, top, width - start, height))
      svg.element("rect", Self.rect("bar", x, top, Self.faultColumn - 3, height, radius: 3))
      let text = interval.record.label.shortened(to: max(2, Int((height - 8) / 5.8)))
      guard height > 40 else { return }
      svg.element(
        "text", ["transform": "translate(\(px: x + 4.5),\(px: top + 6)) rotate(90)", "class": "muted"],
        text: text)
    }
  }

  private func tooltip(of interval: FaultInterval) -> String {
    let details = interval.record.details(among: trace.recording.nodes)
    return interval.summary + (details.map { "\n\($0)" } ?? "")
  }

  /// Tints the lanes of the nodes that the fault concerns.
  private func drawLanes(under interval: FaultInterval, _ top: Double, _ bottom: Double, _ svg: inout Markup)
  {
    for mark in interval.record.marks(among: trace.recording.nodes) {
      guard let lane = trace.recording.nodes.firstIndex(of: mark.node), let x = layout.laneX[lane] else {
        continue
      }
      svg.element("rect", Self.rect(mark.tint.style, x - 8, top, 16, bottom - top, radius: 3)) {
        $0.element("title", text: "\(mark.node) \(mark.text)")
      }
    }
  }

  static func rect(
    _ style: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double, radius: Double = 0
  ) -> Markup.Attributes {
    [
      "class": style, "x": "\(px: x)", "y": "\(px: y)", "width": "\(px: width)",
      "height": "\(px: max(0, height))",
      "rx": "\(px: radius)",
    ]
  }
}

// MARK: - Axis and lanes

extension DiagramDrawing {
  /// The minimum distance of two times on the axis, in pixels.
  private static let tickDistance = 24.0
  /// The minimum length of a pause that is labelled, because the scale compresses it.
  private static let longPause = Duration.milliseconds(500)

  private func drawAxis(_ svg: inout Markup) {
    var last = -Double.infinity
    for row in layout.rows {
      if row.gap >= Self.longPause {
        let y = "\(px: row.y - 18)"
        svg.element(
          "text", ["class": "muted", "x": "70", "y": y, "text-anchor": "end"], text: "+ \(row.gap.short)")
      } else if row.y - last < Self.tickDistance {
        continue
      }
      last = row.y
      let y = "\(px: row.y)"
      svg.element("line", ["class": "row", "x1": "76", "x2": "\(px: width - 12)", "y1": y, "y2": y])
      svg.element(
        "text", ["class": "time", "x": "70", "y": "\(px: row.y + 4)", "text-anchor": "end"],
        text: tick(row.time))
    }
  }

  /// A time on the axis, with more decimals for a shorter picture.
  private func tick(_ time: Instant) -> String {
    let window = selection.window.upperBound - selection.window.lowerBound
    let decimals = window >= .seconds(1) ? 3 : window >= .milliseconds(50) ? 4 : 6
    return "\(time.inSeconds.fixed(decimals)) s"
  }

  /// The distance after which the names of the lanes are repeated, in pixels, so that they stay visible.
  private static let nameDistance = 640.0

  private func drawLanes(_ svg: inout Markup) {
    let (top, bottom) = ("\(px: layout.top - 20)", "\(px: layout.bottom + 20)")
    for lane in selection.lanes {
      guard let x = layout.laneX[lane] else { continue }
      svg.element("line", ["class": "axis", "x1": "\(px: x)", "x2": "\(px: x)", "y1": top, "y2": bottom])
      drawName(lane, x, &svg)
    }
  }

  /// Repeats the names of the lanes, preferably in gaps between events.
  func repeatNames(_ svg: inout Markup, _ labels: inout LabelPlacer) {
    var last = layout.top
    for (row, next) in zip(layout.rows, layout.rows.dropFirst()) {
      let distance = row.y - last
      guard distance > Self.nameDistance, next.y - row.y >= 30 || distance > 1.5 * Self.nameDistance,
        layout.bottom - row.y > Self.nameDistance / 3
      else { continue }
      last = row.y
      let y = (row.y + next.y) / 2 + 4
      for lane in selection.lanes {
        guard let x = layout.laneX[lane], trace.lanes[lane].role != .client || hasRoomForClients else {
          continue
        }
        let name = trace.lanes[lane].name
        let size = textWidth(name, size: 11)
        _ = labels.reserve(.init(x: x - size / 2, y: y - 10, width: size, height: 12))
        svg.element(
          "text", ["class": "lane", "x": "\(px: x)", "y": "\(px: y)", "text-anchor": "middle"], text: name)
      }
    }
  }

  /// Whether the names of a node and of its client fit side by side.
  private var hasRoomForClients: Bool { layout.spacing > 76 }

  /// Draws the name of a lane; a client's above its node's if it does not fit beside it.
  private func drawName(_ lane: Int, _ x: Double, _ svg: inout Markup) {
    let name = trace.lanes[lane].name
    let isClient = trace.lanes[lane].role == .client
    let size = textWidth(name, size: 11) + 14
    if !isClient {
      svg.element("rect", Self.rect("pill", x - size / 2, layout.top - 42, size, 20, radius: 6))
    }
    let y = layout.top - (isClient && !hasRoomForClients ? 46 : 28)
    svg.element(
      "text",
      ["class": isClient ? "lane c" : "lane", "x": "\(px: x)", "y": "\(px: y)", "text-anchor": "middle"],
      text: name)
  }
}

extension FaultInterval {
  /// The label with start and end.
  var summary: String { "\(record.label), \(start.clock) to \(end?.clock ?? "the end")" }
}

extension FaultTint {
  /// The class in the style sheet.
  var style: String {
    switch self {
    case .side(let number): "side\(number % Theme.light.sides.count)"
    case .deaf: "deaf"
    case .down: "down"
    case .paused: "paused"
    case .bar: "bar"
    }
  }
}
