import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

extension DiagramDrawing {
  /// Draws arrows, boxes and marks, then labels where they do not overlap, those of operations first.
  func drawEvents(_ svg: inout Markup) {
    var labels = LabelPlacer()
    for message in selection.messages { drawMessage(message, &svg) }
    for operation in selection.operations { drawOperation(operation, &svg) }
    for mark in selection.marks { drawMark(mark, &svg) }
    repeatNames(&svg, &labels)
    for operation in selection.operations { labelOperation(operation, &svg, &labels) }
    for mark in selection.marks { labelMark(mark, &svg, &labels) }
    labelMessages(&svg, &labels)
  }
}

// MARK: - Messages

/// The arrow of one copy of a message.
private struct Arrow {
  enum End { case received, lost, pending }

  var x1, y1, x2, y2: Double
  var end: End

  /// The point at a fraction of the arrow's length.
  func point(_ fraction: Double) -> (x: Double, y: Double) {
    (x1 + (x2 - x1) * fraction, y1 + (y2 - y1) * fraction)
  }

  var length: Double { ((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1)).squareRoot() }

  package var line: String {
    // A message from a node to itself is a loop beside the lane.
    x1 == x2
      ? "M\(px: x1) \(px: y1)C\(px: x1 + 26) \(px: y1) \(px: x1 + 26) \(px: y2) \(px: x2) \(px: y2)"
      : "M\(px: x1) \(px: y1)L\(px: x2) \(px: y2)"
  }

  var head: String {
    guard end == .received else { return "" }
    let (dx, dy) = x1 == x2 ? (-1.0, 0.0) : ((x2 - x1) / length, (y2 - y1) / length)
    let (back, side) = (7.0, 3.2)
    let (x, y) = (x2 - dx * back, y2 - dy * back)
    return
      "M\(px: x - dy * side) \(px: y + dx * side)L\(px: x2) \(px: y2)L\(px: x + dy * side) \(px: y - dx * side)"
  }
}

extension DiagramDrawing {
  private func drawMessage(_ index: Int, _ svg: inout Markup) {
    let message = trace.recording.messages[index]
    svg.element("g", ["class": "m \(legend.classOfType[message.type] ?? "tc")"]) { svg in
      svg.element("title", text: message.tooltip)
      for (copy, arrow) in arrows(index).enumerated() {
        svg.element("path", ["class": "hit", "d": arrow.line])
        switch arrow.end {
        case .received where copy == 0: svg.element("path", ["d": arrow.line + arrow.head])
        case .received: svg.element("path", ["class": "dup", "d": arrow.line + arrow.head])
        case .pending: svg.element("path", ["class": "pending", "d": arrow.line])
        case .lost:
          svg.element("path", ["d": arrow.line])
          svg.element(
            "path", ["class": "cross", "d": "M\(px: arrow.x2 - 4) \(px: arrow.y2 - 4)l8 8m0-8l-8 8"])
        }
      }
    }
  }

  /// The arrows of a message, one for each copy.
  private func arrows(_ index: Int) -> [Arrow] {
    guard let x1 = layout.laneX[trace.links[index].from], let x2 = layout.laneX[trace.links[index].to],
      let y1 = layout.y(ofEvent: trace.sends[index])
    else { return [] }
    let arrivals = trace.arrivals[index]
    guard !arrivals.isEmpty else {
      let (x, y) = (x1 + (x2 - x1) * 0.4, y1 + 14)
      return [Arrow(x1: x1, y1: y1, x2: x, y2: y, end: .pending)]
    }
    return arrivals.compactMap { arrival in
      guard let y2 = layout.y(ofEvent: arrival) else { return nil }
      let arrow = Arrow(x1: x1, y1: y1, x2: x2, y2: y2, end: .received)
      guard trace.events[arrival].kind == .drop else { return arrow }
      // Lost when sent, or dropped at the receiver.
      let end = arrow.point(
        trace.events[arrival].time == trace.recording.messages[index].sent
          ? 0.4 : max(0.6, 1 - 14 / arrow.length))
      return Arrow(x1: x1, y1: y1, x2: end.x, y2: end.y, end: .lost)
    }
  }

  /// Labels arrows with their types; only one of several arrows of one type from one event.
  private func labelMessages(_ svg: inout Markup, _ labels: inout LabelPlacer) {
    var last: (origin: (Double?, Int), type: String)?
    for index in selection.messages {
      let origin = (layout.y(ofEvent: trace.sends[index]), trace.links[index].from)
      let type = trace.recording.messages[index].type
      if let last, last.origin == origin, last.type == type { continue }
      if labelMessage(index, &svg, &labels) { last = (origin, type) }
    }
  }

  /// Writes the type along the arrow. Returns false if there is no room.
  private func labelMessage(_ index: Int, _ svg: inout Markup, _ labels: inout LabelPlacer) -> Bool {
    let type = trace.recording.messages[index].type
    guard let arrow = arrows(index).first, arrow.x1 != arrow.x2 else { return false }
    let size = textWidth(type, size: 10)
    let slope = (arrow.y2 - arrow.y1) / (arrow.x2 - arrow.x1)
    guard arrow.length > size + 24, slope.magnitude < 1.2 else { return false }
    let cosine = 1 / (1 + slope * slope).squareRoot()
    let (width, height) = (size * cosine, 11 + size * cosine * slope.magnitude)
    for fraction in [0.5, 0.35, 0.65] {
      let (x, y) = arrow.point(fraction)
      guard labels.reserve(.init(x: x - width / 2, y: y - height / 2 - 4, width: width, height: height))
      else {
        continue
      }
      svg.element(
        "text",
        [
          "class": "label \(legend.classOfType[type] ?? "tc")", "text-anchor": "middle",
          "transform":
            "matrix(\(cosine.short(3)) \((slope * cosine).short(3)) \((-slope * cosine).short(3)) \(cosine.short(3)) \(px: x) \(px: y - 3))",
        ], text: type)
      return true
    }
    return false
  }
}

// MARK: - Operations

extension DiagramDrawing {
  /// The box of an operation, from its invocation to its completion, clipped to the picture.
  private func box(_ invocation: Operation) -> LabelPlacer.Box? {
    guard let lane = trace.lane(of: invocation), let x = layout.laneX[lane] else { return nil }
    let completion = trace.recording.history.completion(of: invocation)
    let start = y(of: invocation) ?? layout.top - 14
    let end = completion.map { y(of: $0) ?? layout.bottom + 14 } ?? layout.bottom + 14
    return .init(x: x - 7, y: start - 4, width: 14, height: end - start + 8)
  }

  private func y(of entry: Operation) -> Double? { layout.y(ofEntry: entry.index) }

  private func isFocused(_ invocation: Operation) -> Bool {
    let completion = trace.recording.history.completion(of: invocation)
    return focus.contains(invocation.index) || completion.map { focus.contains($0.index) } == true
  }

  private func drawOperation(_ index: Int, _ svg: inout Markup) {
    let history = trace.recording.history
    let invocation = history.operations[index]
    guard let box = box(invocation) else { return }
    let completion = history.completion(of: invocation)
    let outcome = completion?.kind.rawValue ?? "open"
    svg.element("g", ["class": "op \(outcome)\(isFocused(invocation) ? " focus" : "")"]) { svg in
      svg.element("title", text: invocation.tooltip(completion))
      svg.element("rect", Self.rect("", box.x, box.y, box.width, box.height, radius: 3))
    }
  }

  private func labelOperation(_ index: Int, _ svg: inout Markup, _ labels: inout LabelPlacer) {
    let invocation = trace.recording.history.operations[index]
    guard let box = box(invocation) else { return }
    let completion = trace.recording.history.completion(of: invocation)
    let isFocused = isFocused(invocation)
    let limit = isFocused ? 40 : max(14, Int((layout.spacing * 1.5 - 12) / 5.7))
    let text = ((isFocused ? "#\(index) " : "") + invocation.label(completion)).shortened(to: limit)
    let width = textWidth(text, size: 10)
    for y in [box.y + 10, box.y + box.height / 2 + 4, box.y + box.height] {
      guard labels.reserve(.init(x: box.x - 4 - width, y: y - 9, width: width, height: 11)) else { continue }
      svg.element(
        "text",
        [
          "class": isFocused ? "where b" : "where", "x": "\(px: box.x - 4)", "y": "\(px: y)",
          "text-anchor": "end",
        ],
        text: text)
      return
    }
  }
}

// MARK: - Marks

extension DiagramDrawing {
  private func drawMark(_ index: Int, _ svg: inout Markup) {
    let event = trace.events[index]
    guard let x = layout.laneX[event.lane], let y = layout.y(ofEvent: index) else { return }
    let line = trace.recording.marks[event.subject]
    svg.element("g", ["class": "mark \(LogText(line.text)?.level.rawValue ?? "")"]) { svg in
      svg.element("title", text: "\(event.time.clock)\n\(line.text)")
      svg.element("path", ["d": "M\(px: x - 5) \(px: y)l5-5l5 5l-5 5z"])
    }
  }

  private func labelMark(_ index: Int, _ svg: inout Markup, _ labels: inout LabelPlacer) {
    let event = trace.events[index]
    guard let x = layout.laneX[event.lane], let y = layout.y(ofEvent: index) else { return }
    let line = trace.recording.marks[event.subject].text
    let text = (LogText(line)?.event ?? line).shortened(to: 28)
    let width = textWidth(text, size: 10)
    guard labels.reserve(.init(x: x + 8, y: y - 6, width: width, height: 11)) else { return }
    svg.element("text", ["class": "where", "x": "\(px: x + 8)", "y": "\(px: y + 3.5)"], text: text)
  }
}
