import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming

/// The HTML page: the verdict and the anomalies, then plots and a diagram, then tables and logs.
struct ReportPage {
  let report: Report
  let trace: Trace
  let operationPlots: [Picture]
  let messagePlots: [Picture]
  var history: History { report.recording.history }

  init(_ report: Report, _ trace: Trace, operationPlots: [Picture], messagePlots: [Picture]) {
    self.report = report
    self.trace = trace
    self.operationPlots = operationPlots
    self.messagePlots = messagePlots
  }

  var html: String {
    var page = Markup()
    page.raw("<!DOCTYPE html>\n")
    page.element("html", ["lang": "en"]) { page in
      page.element("head") { head in
        // Void elements, which have no end tag in HTML.
        head.raw(
          #"<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">"#)
        head.raw(#"<meta name="color-scheme" content="light dark">"#)
        head.raw(
          #"<meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline'">"#
        )
        head.element("title", text: "\(verdict.word): \(title)")
        head.element("style") { $0.raw(Self.stylesheet + LamportDiagram.stylesheet + Picture.stylesheet) }
      }
      page.element("body") { body in
        body.element("main") { main in
          writeHeader(&main)
          for write in sections { write(&main) }
        }
      }
    }
    return page.string + "\n"
  }

  /// The sections in order. For an invalid run the diagram comes before the plots.
  private var sections: [(inout Markup) -> Void] {
    let isWrong = verdict.style == "invalid"
    let diagram = [writeDiagram]
    let plots = [writeOverTime, writeMessages]
    return [writeAnomalies, writeRerun] + (isWrong ? diagram + plots : plots + diagram)
      + [writeTables, writeFaults, writeOptions, writeLogs]
  }

  var title: String {
    var title = trace.recording.nodes.count.counted("node")
    if case .string(let workload)? = report.options["workload"] { title = "\(workload), \(title)" }
    return title
  }

  /// The verdict as a word and as a class in the style sheet.
  var verdict: (word: String, style: String) {
    if report.failure != nil { return ("Aborted", "invalid") }
    return switch report.results?.validity {
    case .valid: ("Valid", "valid")
    case .invalid: ("Invalid", "invalid")
    case .unknown, nil: ("Unknown", "unknown")
    }
  }

  func section(_ title: String, _ page: inout Markup, _ content: (inout Markup) -> Void) {
    page.element("section") { section in
      section.element("h2", text: title)
      content(&section)
    }
  }
}

// MARK: - Verdict

extension ReportPage {
  private func writeHeader(_ page: inout Markup) {
    page.element("header", ["class": verdict.style]) { header in
      header.element("p", ["class": "verdict"], text: verdict.word)
      header.element("h1", text: title)
      header.element("p", ["class": "lead"], text: lead)
      for note in report.notes { header.element("p", text: "Note: \(note)") }
      if let missing = report.missingFaults { header.element("p", text: missing) }
      if let malformed = report.results?.malformedReplies { header.element("p", text: malformed) }
      writeFigures(&header)
    }
  }

  private var lead: String {
    if report.failure != nil { return "The run was aborted before its end." }
    return report.results?.conclusion ?? "The run was not checked."
  }

  /// The main figures.
  private func writeFigures(_ page: inout Markup) {
    var figures: [(value: String, name: String)] = []
    if let results = report.results, case .integer(let count)? = results.stats.details["count"],
      case .integer(let ok)? = results.stats.details["ok-count"]
    {
      let share = count == 0 ? "" : ", \((100 * Double(ok) / Double(count)).short(2)) % ok"
      figures.append((Int(count).grouped, "operations\(share)"))
    }
    if case .double(let messages)? = report.results?.net.details["servers"]?["msgs-per-op"] {
      figures.append((messages.short(2), "messages per operation"))
    }
    if let stable = report.results?.workload.details["stable-latencies"],
      let median = stable["0.5"], let longest = stable["1"]
    {
      figures.append(("\(median.inWords) ms", "until stable, median"))
      figures.append(("\(longest.inWords) ms", "until stable, longest"))
    } else if let quantiles = Quantiles(latencies) {
      figures.append((quantiles.median.short, "latency, median"))
      figures.append((quantiles.maximum.short, "latency, longest"))
    }
    page.element("dl", ["class": "figures"]) { list in
      for figure in figures {
        list.element("div") { div in
          div.element("dt", text: figure.name)
          div.element("dd", text: figure.value)
        }
      }
    }
  }

  private var latencies: [Duration] {
    history.clientOperations.filter { $0.kind == .ok }.compactMap { history.latency(of: $0) }
  }

  private func writeAnomalies(_ page: inout Markup) {
    if let failure = report.failure {
      section("Failure", &page) { $0.element("pre", text: failure) }
    }
    let anomalies = report.results?.anomalies ?? []
    guard !anomalies.isEmpty else { return }
    section("Anomalies", &page) { section in
      for anomaly in anomalies {
        section.element("article", ["class": "anomaly"]) { write(anomaly, &$0) }
      }
    }
  }

  /// Writes an anomaly: name, count and explanation, then the examples with their entries.
  private func write(_ anomaly: Anomaly, _ article: inout Markup) {
    article.element("h3", text: anomaly.count == 1 ? anomaly.name : anomaly.countedName)
    if !anomaly.isOneCase { article.element("p", text: anomaly.explanation) }
    for example in anomaly.examples {
      article.element("p", text: example.text)
      if let figure = example.figure { write(figure.picture("figure"), &article) }
      writeOperations(example.operations, &article)
    }
  }

  /// Writes the entries that prove an anomaly, in the order of time.
  private func writeOperations(_ indices: [Int], _ page: inout Markup) {
    let entries = indices.filter { history.operations.indices.contains($0) }.sorted()
    guard !entries.isEmpty else { return }
    page.scrollable("table", ["class": "entries"]) { table in
      for index in entries {
        let entry = history.operations[index]
        table.element("tr") { row in
          row.element("td", ["class": "number"], text: "\(index)")
          row.element("td", ["class": "number"], text: entry.time.clock)
          row.element("td", text: entry.node ?? "")
          row.element("td", text: entry.kind.rawValue)
          row.element("td") {
            $0.element(
              "code", text: "\(entry.function) \((entry.value?.description ?? "").shortened(to: 120))")
          }
        }
      }
    }
  }

  private func writeRerun(_ page: inout Markup) {
    section("Repeat this run", &page) { $0.element("pre", ["class": "command"], text: report.command) }
  }
}

// MARK: - Pictures

extension ReportPage {
  private func writeOverTime(_ page: inout Markup) {
    guard !latencies.isEmpty || history.clientOperations.contains(where: { $0.kind != .invoke }) else {
      return
    }
    section("Operations over time", &page) { section in
      for plot in operationPlots { write(plot, &section) }
      if operationPlots.count == 1 {
        section.element(
          "p", ["class": "note"],
          text: "All latencies are zero: in virtual time, clients reach their nodes without delay.")
      }
    }
  }

  private func writeMessages(_ page: inout Markup) {
    guard !messagePlots.isEmpty else { return }
    section("Messages", &page) { section in for plot in messagePlots { write(plot, &section) } }
  }

  private func write(_ picture: Picture, _ page: inout Markup) {
    page.element("figure") { $0.raw(picture.element) }
  }

  private func writeDiagram(_ page: inout Markup) {
    guard !trace.recording.messages.isEmpty || !trace.recording.notes.isEmpty else { return }
    let filter = report.filter(limit: Report.excerptLimit)
    let diagram = LamportDiagram(trace, filter: filter)
    section("Lamport diagram", &page) { section in
      for note in trace.recording.notes { section.element("p", ["class": "note"], text: note) }
      section.element("p") { p in
        p.text(
          filter.around.isEmpty
            ? "An excerpt of the run. " : "The causal past and future of the first anomaly's operations. ")
        p.text("A larger excerpt is in ")
        p.element("a", ["href": "messages.svg"], text: "messages.svg")
        p.text(". For any other part, run ")
        p.element(
          "code",
          text:
            "eddy diagram DIRECTORY --around \(filter.around.first ?? 0) | --from S --to S | --nodes … | --types …"
        )
        p.text(".")
      }
      section.element("figure", ["class": "diagram", "tabindex": "0"]) { $0.raw(diagram.element) }
    }
  }
}

// MARK: - Logs

extension ReportPage {
  /// The maximum number of log lines on the page, in total and per node.
  private static let logLimit = (all: 4000, each: 200)

  private func writeLogs(_ page: inout Markup) {
    guard report.recording.logs.contains(where: { !$0.isEmpty }) else { return }
    let limit = min(Self.logLimit.each, max(10, Self.logLimit.all / max(1, report.recording.nodes.count)))
    section("Node logs", &page) { section in
      for (name, lines) in zip(report.recording.nodes, report.recording.logs) where !lines.isEmpty {
        section.element("details") { details in
          details.element("summary") { summary in
            summary.element("b", text: name)
            summary.text(" \(lines.count.counted("line"))")
          }
          if lines.count > limit {
            details.element(
              "p", ["class": "note"],
              text: "The last \(limit); \((lines.count - limit).grouped) more are in node-logs/\(name).log.")
          }
          details.element("pre") { pre in for line in lines.suffix(limit) { writeLog(line, &pre) } }
        }
      }
    }
  }

  private func writeLog(_ line: String, _ page: inout Markup) {
    let text = line.shortened(to: 1000) + "\n"
    let level = LogText(line)?.level
    guard level == .warning || level == .error else { return page.text(text) }
    page.element("span", ["class": level == .error ? "error" : "warning"], text: text)
  }
}
