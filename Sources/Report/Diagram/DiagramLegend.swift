import EddyHistory
import EddyNetwork
import EddyTiming

/// The head of a diagram: its title, what it omits, and the meaning of its symbols.
///
/// Only symbols that occur in the picture are explained.
struct DiagramLegend {
  let title: String
  /// By message type: its class in the style sheet. `t0`, `t1`, … for traffic between nodes and services, the
  /// most frequent first; `tc` for traffic of clients.
  let classOfType: [String: String]
  private(set) var height = 0.0

  private var lines: [String] = []
  private var items: [Item] = []
  private let width: Double

  private struct Item {
    var symbol: Symbol
    var text: String
    var x = 0.0
    var y = 0.0
  }

  private enum Symbol {
    case message(String)
    case lost, pending, duplicate
    case operation(String)
    case mark
    case fault(String)
    case note

    var width: Double { if case .note = self { 0 } else { 30 } }
  }

  private static let titleHeight = 22.0
  private static let lineHeight = 16.0
  private static let itemHeight = 20.0
  private static let textSize = 11.0

  init(_ trace: Trace, _ selection: DiagramSelection, _ faults: [FaultInterval], width: Double) {
    self.width = width
    let messages = selection.messages.map { trace.recording.messages[$0] }
    let (from, to) = (selection.window.lowerBound.clock, selection.window.upperBound.clock)
    title =
      "\(selection.messages.count.counted("message")) and \(selection.operations.count.counted("operation")) "
      + "between \(from) and \(to)"
    let types = Self.types(trace, selection)
    classOfType = types.classOfType
    let notShown = selection.omissions.map(\.description).joined(separator: "; ")
    let sentences = trace.recording.notes + (notShown.isEmpty ? [] : ["Not shown: \(notShown)."])
    lines = sentences.isEmpty ? [] : Self.wrap(sentences.joined(separator: " "), width)
    for (type, count) in types.counts {
      items.append(Item(symbol: .message(classOfType[type] ?? "tc"), text: "\(type) (\(count.grouped))"))
    }
    if messages.contains(where: { !$0.dropped.isEmpty }) { items.append(Item(symbol: .lost, text: "lost")) }
    if messages.contains(where: { $0.received.count > 1 }) {
      items.append(Item(symbol: .duplicate, text: "duplicate"))
    }
    if messages.contains(where: { $0.received.isEmpty && $0.dropped.isEmpty }) {
      items.append(Item(symbol: .pending, text: "in flight at the end"))
    }
    addOperations(trace, selection)
    addFaults(trace, faults)
    if !selection.marks.isEmpty { items.append(Item(symbol: .mark, text: "log line")) }
    items.append(
      Item(
        symbol: .note,
        text: "Time runs downwards. The order is exact, the distances are compressed. Hover for details."))
    flow()
  }

  private static func types(
    _ trace: Trace, _ selection: DiagramSelection
  ) -> (counts: [(type: String, count: Int)], classOfType: [String: String]) {
    var (servers, clients): ([String: Int], [String: Int]) = ([:], [:])
    for index in selection.messages {
      let type = trace.recording.messages[index].type
      let link = trace.links[index]
      if trace.isClient(link.from) || trace.isClient(link.to) {
        clients[type, default: 0] += 1
      } else {
        servers[type, default: 0] += 1
      }
    }
    func sorted(_ counts: [String: Int]) -> [(type: String, count: Int)] {
      counts.map { (type: $0.key, count: $0.value) }.sorted { ($1.count, $0.type) < ($0.count, $1.type) }
    }
    var classes: [String: String] = [:]
    for (type, _) in sorted(clients) { classes[type] = "tc" }
    // If there are more types than colours, the last types share a colour; tooltips show their names.
    let last = Theme.light.kinds.count - 1
    for (index, entry) in sorted(servers).enumerated() { classes[entry.type] = "t\(min(index, last))" }
    let onlyClients = sorted(clients).filter { servers[$0.type] == nil }
    let all = sorted(servers).map { (type: $0.type, count: $0.count + (clients[$0.type] ?? 0)) } + onlyClients
    return (all, classes)
  }

  private mutating func addOperations(_ trace: Trace, _ selection: DiagramSelection) {
    let history = trace.recording.history
    let outcomes = selection.operations.map { history.completion(of: history.operations[$0])?.kind }
    let names: [(Operation.Kind?, String, String)] = [
      (.ok, "ok", "operation: ok"), (.fail, "fail", "failed"), (.info, "info", "indeterminate"),
      (nil, "open", "never completed"),
    ]
    for (outcome, style, name) in names where outcomes.contains(outcome) {
      items.append(Item(symbol: .operation(style), text: name))
    }
  }

  private mutating func addFaults(_ trace: Trace, _ faults: [FaultInterval]) {
    let entries = Set(faults.flatMap { $0.record.legend(among: trace.recording.nodes) })
    for entry in entries.sorted(by: { ($0.tint, $0.text) < ($1.tint, $1.text) }) {
      items.append(Item(symbol: .fault(entry.tint.style), text: entry.text))
    }
  }

  private static func wrap(_ text: String, _ width: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, textWidth("\(last) \(word)", size: textSize) <= width {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  private mutating func flow() {
    var (x, y) = (0.0, Self.titleHeight + Double(lines.count) * Self.lineHeight + 6)
    for index in items.indices {
      let itemWidth = items[index].symbol.width + textWidth(items[index].text, size: Self.textSize) + 20
      if x > 0, x + itemWidth > width { (x, y) = (0, y + Self.itemHeight) }
      (items[index].x, items[index].y) = (x, y)
      x += itemWidth
    }
    height = y + Self.itemHeight
  }
}

// MARK: - Drawing

extension DiagramLegend {
  /// Draws the head with its upper left corner at the origin.
  func draw(into svg: inout Markup) {
    svg.element("text", ["class": "title", "y": "14"], text: title)
    for (index, line) in lines.enumerated() {
      let y = Self.titleHeight + Double(index + 1) * Self.lineHeight - 4
      svg.element("text", ["class": "muted", "y": "\(px: y)"], text: line)
    }
    for item in items {
      svg.element("g", ["transform": "translate(\(px: item.x),\(px: item.y))"]) { svg in
        Self.draw(item.symbol, &svg)
        svg.element("text", ["class": "muted", "x": "\(px: item.symbol.width)", "y": "14"], text: item.text)
      }
    }
  }

  private static func draw(_ symbol: Symbol, _ svg: inout Markup) {
    func message(_ style: String, _ path: String, _ pathStyle: String? = nil, cross: Bool = false) {
      svg.element("g", ["class": "m \(style)"]) { svg in
        if let pathStyle {
          svg.element("path", ["class": pathStyle, "d": path])
        } else {
          svg.element("path", ["d": path])
        }
        if cross { svg.element("path", ["class": "cross", "d": "M14 6l8 8m0-8l-8 8"]) }
      }
    }
    switch symbol {
    case .message(let style): message(style, "M2 10H22M17 7L22 10L17 13")
    case .lost: message("tc", "M2 10H18", cross: true)
    case .pending: message("tc", "M2 10H22", "pending")
    case .duplicate: message("tc", "M2 10H22M17 7L22 10L17 13", "dup")
    case .operation(let style):
      svg.element("g", ["class": "op \(style)"]) {
        $0.element("rect", ["x": "5", "y": "2", "width": "14", "height": "16", "rx": "3"])
      }
    case .mark:
      svg.element("g", ["class": "mark"]) { $0.element("path", ["d": "M8 10l5-5l5 5l-5 5z"]) }
    case .fault(let style):
      svg.element("rect", ["class": style, "x": "5", "y": "2", "width": "16", "height": "16", "rx": "2"])
    case .note: break
    }
  }
}
