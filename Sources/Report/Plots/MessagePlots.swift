import EddyHistory
import EddyNetwork
import EddyTiming

/// Plots of message counts: by type, and by sender and receiver.
struct MessagePlots {
  private let trace: Trace
  private let recording: Recording

  init(_ trace: Trace) {
    self.trace = trace
    recording = trace.recording
  }

  var all: [Picture] { recording.messages.isEmpty ? [] : [types, links] }
}

// MARK: - Types

extension MessagePlots {
  private struct TypeCount {
    var type: String
    var servers = 0
    var clients = 0
    var lost = 0
    var total: Int { servers + clients }
  }

  private var typeCounts: [TypeCount] {
    var counts: [String: TypeCount] = [:]
    for (index, message) in recording.messages.enumerated() {
      var count = counts[message.type] ?? TypeCount(type: message.type)
      if trace.isClient(trace.links[index].from) || trace.isClient(trace.links[index].to) {
        count.clients += 1
      } else {
        count.servers += 1
      }
      if message.received.isEmpty, !message.dropped.isEmpty { count.lost += 1 }
      counts[message.type] = count
    }
    return counts.values.sorted { ($1.total, $0.type) < ($0.total, $1.type) }
  }

  private var types: Picture {
    let counts = typeCounts
    let most = Double(counts.first?.total ?? 1)
    let rowHeight = 24.0
    let labelWidth = 12 + (counts.map { textWidth($0.type, size: 12) }.max() ?? 0)
    let barWidth = 780 - labelWidth
    return Picture(
      name: "message-types", title: "Messages by type", width: PlotFrame.width,
      height: 44 + Double(counts.count) * rowHeight
    ) { svg in
      drawKeys(
        [
          ("servers", "between nodes and services"), ("clients", "from and to clients"),
          ("lost", "lost"),
        ], &svg)
      for (row, count) in counts.enumerated() {
        let y = 36 + Double(row) * rowHeight
        let (servers, clients) = (
          barWidth * Double(count.servers) / most, barWidth * Double(count.clients) / most
        )
        svg.element(
          "text", ["x": "\(px: labelWidth - 8)", "y": "\(px: y + 14)", "text-anchor": "end"], text: count.type
        )
        svg.element("rect", DiagramDrawing.rect("servers", labelWidth, y + 3, servers, 15))
        svg.element("rect", DiagramDrawing.rect("clients", labelWidth + servers, y + 3, clients, 15))
        svg.element(
          "rect", DiagramDrawing.rect("lost", labelWidth, y + 15, barWidth * Double(count.lost) / most, 3))
        let text = count.total.grouped + (count.lost > 0 ? ", \(count.lost.grouped) lost" : "")
        svg.element(
          "text", ["class": "value", "x": "\(px: labelWidth + servers + clients + 6)", "y": "\(px: y + 14)"],
          text: text)
      }
    }
  }

  private func drawKeys(_ keys: [(style: String, text: String)], _ svg: inout Markup) {
    var x = PlotFrame.width - 16 - keys.reduce(0) { $0 + 34 + textWidth($1.text, size: 12) }
    for key in keys {
      svg.element("rect", DiagramDrawing.rect(key.style, x, 6, 16, 14, radius: 2))
      svg.element("text", ["class": "key", "x": "\(px: x + 22)", "y": "18"], text: key.text)
      x += 34 + textWidth(key.text, size: 12)
    }
  }
}

// MARK: - Links

extension MessagePlots {
  /// The maximum number of nodes with their own row and column.
  private static let matrixLimit = 50

  private struct Link: Hashable {
    var from: Int
    var to: Int
  }

  private struct LinkCount {
    var sent = 0
    var lost = 0
  }

  /// Message counts by sender (row) and receiver (column).
  private var links: Picture {
    let (names, rowOfLane) = matrixRows()
    var counts: [Link: LinkCount] = [:]
    for (index, message) in recording.messages.enumerated() {
      let link = Link(from: rowOfLane[trace.links[index].from], to: rowOfLane[trace.links[index].to])
      counts[link, default: LinkCount()].sent += 1
      if message.received.isEmpty, !message.dropped.isEmpty { counts[link, default: LinkCount()].lost += 1 }
    }
    let most = Double(counts.values.map(\.sent).max() ?? 1)
    let cell = min(34, max(13, 760 / Double(names.count)))
    let margin = 20 + (names.map { textWidth($0, size: 11) }.max() ?? 0)
    return Picture(
      name: "message-links", title: "Messages by link",
      width: max(PlotFrame.width, margin + cell * Double(names.count) + 8),
      height: 60 + margin + cell * Double(names.count)
    ) { svg in
      svg.element(
        "text", ["class": "key", "x": "0", "y": "38"],
        text: "Senders are rows, receivers are columns. Darker cells have more messages, up to "
          + "\(Int(most).grouped). Hover for counts.")
      svg.element("g", ["transform": "translate(\(px: margin),\(px: 48 + margin))"]) { svg in
        drawHeads(names, cell, &svg)
        for from in names.indices {
          for to in names.indices {
            guard let count = counts[Link(from: from, to: to)] else { continue }
            drawCell(
              count, "\(names[from]) → \(names[to])", most, Double(to) * cell, Double(from) * cell, cell, &svg
            )
          }
        }
      }
    }
  }

  /// The names of the rows, and the row of each lane. All clients share a row. If there are too many nodes,
  /// those with the least traffic share one too.
  private func matrixRows() -> (names: [String], rowOfLane: [Int]) {
    var traffic = Array(repeating: 0, count: trace.lanes.count)
    for link in trace.links {
      traffic[link.from] += 1
      traffic[link.to] += 1
    }
    let nodes = trace.lanes.indices.filter { trace.lanes[$0].role == .node }
    let busiest = nodes.sorted { (traffic[$1], $0) < (traffic[$0], $1) }.prefix(Self.matrixLimit).sorted()
    let services = trace.lanes.indices.filter { trace.lanes[$0].role == .service }
    var names = (busiest + services).map { trace.lanes[$0].name }
    var rows = Array(repeating: 0, count: trace.lanes.count)
    for (row, lane) in (busiest + services).enumerated() { rows[lane] = row }
    for lane in trace.lanes.indices where trace.isClient(lane) { rows[lane] = names.count }
    names.append("clients")
    let others = nodes.filter { !busiest.contains($0) }
    if !others.isEmpty {
      for lane in others { rows[lane] = names.count }
      names.append("\(others.count.grouped) others")
    }
    return (names, rows)
  }

  private func drawHeads(_ names: [String], _ cell: Double, _ svg: inout Markup) {
    let size = cell * Double(names.count)
    svg.element("rect", DiagramDrawing.rect("empty", 0, 0, size, size))
    for (row, name) in names.enumerated() {
      let middle = (Double(row) + 0.5) * cell
      svg.element(
        "text", ["class": "tick", "x": "-6", "y": "\(px: middle + 4)", "text-anchor": "end"], text: name)
      svg.element(
        "text", ["class": "tick", "transform": "translate(\(px: middle + 4),-6) rotate(-90)"], text: name)
    }
  }

  private func drawCell(
    _ count: LinkCount, _ name: String, _ most: Double, _ x: Double, _ y: Double, _ size: Double,
    _ svg: inout Markup
  ) {
    // The square root makes small counts distinguishable.
    let strength = 0.12 + 0.88 * (Double(count.sent) / most).squareRoot()
    svg.element("g") { svg in
      svg.element(
        "title",
        text:
          "\(name): \(count.sent.counted("message"))\(count.lost > 0 ? ", \(count.lost.grouped) lost" : "")")
      svg.element(
        "rect",
        [
          "class": "cell", "x": "\(px: x + 0.5)", "y": "\(px: y + 0.5)", "width": "\(px: size - 1)",
          "height": "\(px: size - 1)", "fill-opacity": strength.short(2),
        ])
      let text = String(count.sent)
      guard textWidth(text, size: 10) < size - 2 else { return }
      svg.element(
        "text",
        [
          "class": strength > 0.55 ? "value onfull" : "value", "x": "\(px: x + size / 2)",
          "y": "\(px: y + size / 2 + 4)",
          "text-anchor": "middle",
        ], text: text)
    }
  }
}
