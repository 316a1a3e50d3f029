import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
import EddyRun
import EddyTiming
import Foundation
import HistoryScripts
import Testing

struct ReportTests {
  private func report(_ recording: Recording, _ results: Results?, failure: String? = nil) -> [String: String]
  {
    let report = Report(
      recording, results: results, failure: failure, options: ["workload": "broadcast", "rate": 20],
      command: "eddy simulate -w broadcast --seed 5")
    return Dictionary(uniqueKeysWithValues: report.files.map { ($0.name, $0.text) })
  }

  /// A run that lost the value 1.
  private var failing: (recording: Recording, results: Results) {
    let recording = Recording(
      nodes: ["n0", "n1"], [op("broadcast", "1", 10...20), op("read", result: "[]", 30...45, on: "n1")],
      [
        message("c0", "n0", "broadcast", 10, 12), message("n0", "c0", "broadcast_ok", 13, 20),
        lost("n0", "n1", "gossip", 14, at: 14, .loss), message("c1", "n1", "read", 30, 31),
        message("n1", "c1", "read_ok", 40, 45, payload: #""</title><script>alert(1)</script>""#),
      ],
      logs: [["info 1.000 ms n0 <started> & well"], ["error 2.000 ms n1 lost its mind"]])
    let results = Results(
      history: recording.history, network: NetworkStatistics(), workload: SetFullChecker(add: "broadcast"))
    return (recording, results)
  }

  @Test func aFailingRunSaysWhatIsWrongFirst() throws {
    let (recording, results) = failing
    let page = try #require(report(recording, results)["index.html"])
    let explanation = try #require(results.anomalies.first?.explanation)
    let wrong = try #require(page.range(of: explanation))
    let diagram = try #require(page.range(of: "class=\"lamport\""))
    let plot = try #require(page.range(of: "class=\"plot\""))
    #expect(page.contains(">Invalid</p>"))
    #expect(wrong.lowerBound < diagram.lowerBound && diagram.lowerBound < plot.lowerBound)
    #expect(page.contains("eddy simulate -w broadcast --seed 5"))
    #expect(page.contains("&lt;started&gt; &amp; well"))
  }

  @Test func manyCasesOfOneAnomalyAreOneCard() throws {
    let adds = (0..<1990).map { op("broadcast", "\($0)", 10...20) }
    let recording = Recording(nodes: ["n0"], adds + [op("read", result: "[1990]", 30...45)], [])
    let results = Results(
      history: recording.history, network: NetworkStatistics(), workload: SetFullChecker(add: "broadcast"))
    let page = try #require(report(recording, results)["index.html"])
    #expect(page.components(separatedBy: "<article class=\"anomaly\">").count == 3)
    #expect(page.contains("Invalid: 2 anomalies: 1 unexpected, 1,990 lost."))
    #expect(page.contains("<h3>1,990 lost</h3>"))
    #expect(page.contains("1,990 of the 1,990 values that clients tried to add are lost."))
    #expect(!page.contains("The same holds"))
  }

  @Test func aPassingRunSaysSo() throws {
    let (recording, results, _) = Recording.broadcast(faults: [])
    #expect(results.validity == .valid)
    let page = try #require(report(recording, results)["index.html"])
    #expect(page.contains(">Valid</p>"))
    #expect(page.contains("Valid: all checks passed."))
  }

  @Test func aRunThatBrokeOffSaysWhy() throws {
    let recording = Recording(nodes: ["n0"], [message("c0", "n0", "init", 0, 0)])
    let page = try #require(report(recording, nil, failure: "node n0 crashed: exit <1>")["index.html"])
    #expect(page.contains(">Aborted</p>"))
    #expect(page.contains("node n0 crashed: exit &lt;1&gt;"))
  }

  @Test func thePageNeedsNothingBesideItself() throws {
    let (recording, results) = failing
    let page = try #require(report(recording, results)["index.html"])
      .replacingOccurrences(of: "xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    for outside in ["<script", "src=\"", "http:", "https:", "@import", "url(", "<link"] {
      #expect(!page.contains(outside), "\(outside)")
    }
  }

  @Test func everyPictureIsWellFormed() throws {
    let run = Recording.broadcast()
    for (recording, results) in [failing, (run.recording, run.results)] {
      let pictures = report(recording, results).filter { $0.key.hasSuffix(".svg") }
      #expect(pictures.keys.contains("messages.svg"))
      #expect(pictures.keys.contains("message-links.svg"))
      for (name, svg) in pictures { #expect(throws: Never.self, "\(name)") { try parse(xml: svg) } }
    }
  }

  @Test func theSameRunMakesTheSameBytes() {
    let (first, second) = (Recording.broadcast(), Recording.broadcast())
    #expect(report(first.recording, first.results) == report(second.recording, second.results))
  }

  @Test func faultsAreShadedAndListed() throws {
    let run = Recording.broadcast(faults: [.partition])
    let files = report(run.recording, run.results)
    let faults = run.recording.history.operations.count { $0.function == "start-partition" }
    let rate = try parse(xml: try #require(files["rate.svg"]))
    #expect(faults > 0)
    #expect(rate.elements("rect", style: "fault").filter { $0.title != nil }.count == faults)
  }

  @Test func latencyPlotsShowEveryOutcome() throws {
    let recording = Recording(
      nodes: ["n0"],
      [
        op("read", result: "[]", 0...3), op("read", 4...9, .fail, error: "net-timeout"),
        op("broadcast", "1", 10...5010, .info, error: "net-timeout"),
      ], [])
    let results = Results(
      history: recording.history, network: NetworkStatistics(), workload: SetFullChecker(add: "broadcast"))
    let plot = try parse(xml: try #require(report(recording, results)["latency-raw.svg"]))
    let marks = plot.children.filter { $0.style.contains("dot") }.flatMap(\.children).compactMap {
      $0.attributes["class"]
    }
    #expect(marks == ["ok", "info", "fail"])
    #expect(plot.texts.contains("failed") && plot.texts.contains("indeterminate"))
  }

  @Test func aMatrixOfManyNodesKeepsTheBusiest() throws {
    let nodes = TestOptions.nodeNames(60)
    let recording = Recording(
      nodes: nodes, nodes.dropFirst().enumerated().map { message($1, "n0", "gossip", $0, $0 + 5) })
    let matrix = try parse(xml: try #require(report(recording, nil)["message-links.svg"]))
    #expect(matrix.texts.contains("10 others"))
    #expect(matrix.all.contains { $0.title == "10 others → n0: 10 messages" })
  }
}
