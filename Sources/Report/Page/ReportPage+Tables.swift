import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

extension ReportPage {
  func writeTables(_ page: inout Markup) {
    section("Results", &page) { section in
      section.element("div", ["class": "columns"]) { columns in
        writeOperationTable(&columns)
        writeNetworkTable(&columns)
      }
      writeWorkloadTable(&section)
    }
  }

  func writeFaults(_ page: inout Markup) {
    let faults = history.faults
    guard !faults.isEmpty else { return }
    section("Faults", &page) { section in
      section.table(["from", "to", "fault", "nodes"]) { table in
        for fault in faults {
          table.row([
            fault.start.clock, fault.end?.clock ?? "the end", fault.record.title,
            fault.record.scope(among: report.recording.nodes),
          ])
        }
      }
    }
  }

  func writeOptions(_ page: inout Markup) {
    section("Options", &page) { section in
      section.element("dl", ["class": "options"]) { list in
        for (key, value) in report.options {
          list.element("div") { div in
            div.element("dt", text: key)
            div.element("dd", text: value.inWords)
          }
        }
      }
    }
  }
}

// MARK: - Results

extension ReportPage {
  private func writeOperationTable(_ page: inout Markup) {
    guard case .object(let functions)? = report.results?.stats.details["by-f"], !functions.isEmpty else {
      return
    }
    page.element("div") { div in
      div.element("h3", text: "Operations")
      div.table(["", "ok", "failed", "indeterminate", "median", "95 %", "99 %", "longest"]) { table in
        for (function, counts) in functions {
          let latencies = history.clientOperations
            .filter { $0.kind == .ok && $0.function == function }.compactMap { history.latency(of: $0) }
          let quantiles = Quantiles(latencies)
          let cells = [quantiles?.median, quantiles?.p95, quantiles?.p99, quantiles?.maximum].map {
            $0?.short ?? "–"
          }
          table.row(
            [function] + ["ok-count", "fail-count", "info-count"].map { counts[$0]?.inWords ?? "–" } + cells)
        }
      }
    }
  }

  private func writeNetworkTable(_ page: inout Markup) {
    guard let net = report.results?.net.details else { return }
    page.element("div") { div in
      div.element("h3", text: "Network")
      div.table(["", "sent", "received", "messages", "per operation"]) { table in
        for (key, counts) in net {
          let cells = ["send-count", "recv-count", "msg-count", "msgs-per-op"].map {
            counts[$0]?.inWords ?? "–"
          }
          table.row([key == "all" ? "all" : "of \(key)"] + cells)
        }
      }
    }
  }

  /// The details of the workload's checker, under their names in `results.json`.
  private func writeWorkloadTable(_ page: inout Markup) {
    guard let details = report.results?.workload.details, !details.isEmpty else { return }
    page.element("h3", text: "Workload")
    page.element("dl", ["class": "options"]) { list in
      for (key, value) in details {
        list.element("div") { div in
          div.element("dt", text: key)
          div.element("dd", text: value.inWords)
        }
      }
    }
  }
}

extension JSONValue {
  /// The value for a table cell: grouped digits, lists without brackets and truncated with a count, quantiles
  /// by name.
  var inWords: String {
    switch self {
    case .integer(let integer): Int(integer).grouped
    case .double(let double): double.short(3)
    case .string(let string): string
    case .bool(let bool): bool ? "yes" : "no"
    case .null: "–"
    case .array(let elements): Self.list(elements)
    case .object(let object):
      object.map { "\(Self.name($0.key)) \($0.value.inWords)" }.joined(separator: ", ")
    }
  }

  private static func list(_ elements: [JSONValue]) -> String {
    if elements.isEmpty { return "none" }
    let limit = 30
    let shown = elements.prefix(limit).map { $0.inWords.shortened(to: 80) }
    let rest = elements.count > limit ? " … and \((elements.count - limit).grouped) more" : ""
    let isNested = elements.contains { if case .object = $0 { true } else { false } }
    return shown.joined(separator: isNested ? "; " : " ") + rest
  }

  private static func name(_ key: String) -> String {
    switch key {
    case "0": "minimum"
    case "0.5": "median"
    case "0.95": "95 %"
    case "0.99": "99 %"
    case "1": "longest"
    default: key
    }
  }
}

extension Markup {
  /// Writes an element that scrolls horizontally if it is wider than the page.
  mutating func scrollable(_ name: String, _ attributes: Attributes = [:], content: (inout Markup) -> Void) {
    element("div", ["class": "scroll"]) { $0.element(name, attributes, content: content) }
  }

  fileprivate mutating func table(_ heads: [String], content: (inout Markup) -> Void) {
    scrollable("table") { table in
      table.element("thead") { head in
        head.element("tr") { row in for text in heads { row.element("th", text: text) } }
      }
      table.element("tbody", content: content)
    }
  }

  fileprivate mutating func row(_ cells: [String]) {
    element("tr") { row in for text in cells { row.element("td", text: text) } }
  }
}
