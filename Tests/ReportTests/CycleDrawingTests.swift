import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
import EddyRun
import Foundation
import HistoryScripts
import Testing

/// Pictures of cycles of transactions.
@Suite struct CycleDrawingTests {
  /// The files of a report on a history.
  private func files(_ spans: [Span], _ checker: some Checker) -> [String: String] {
    let recording = Recording(nodes: ["n0"], spans, [])
    let results = Results(history: recording.history, network: NetworkStatistics(), workload: checker)
    let report = Report(recording, results: results, options: [:], command: "eddy")
    return Dictionary(uniqueKeysWithValues: report.files.map { ($0.name, $0.text) })
  }

  private let readSkew = [
    op("txn", #"[["r",7,null],["r",8,null]]"#, result: #"[["r",7,null],["r",8,[1]]]"#, 0...9),
    op("txn", #"[["append",8,1],["append",7,2]]"#, 0...9),
  ]

  private func picture(_ spans: [Span], _ checker: some Checker) throws -> Element {
    try parse(xml: try #require(files(spans, checker)["figure-1.svg"]))
  }

  private func texts(_ picture: Element) -> [String] {
    picture.all.filter { $0.name == "tspan" || $0.name == "text" }.map(\.text)
  }

  @Test func aCycleOverListsShowsItsTransactionsAndWhatMakesItsEdges() throws {
    let picture = try picture(readSkew, ListAppendChecker([.serializable]))
    let texts = texts(picture)
    #expect(texts.contains("G-single-item: each transaction precedes the next"))
    for text in ["T1", "T2", "r 7 null", "r 8 [1]", "append 8 1", "append 7 2"] {
      #expect(texts.contains(text))
    }
    #expect(texts.contains("key 7: read before 2"))
    #expect(texts.contains("key 8: 1, then read"))
    #expect(picture.elements("path", style: "rw").filter { $0.style.contains("edge") }.count == 1)
    #expect(picture.elements("path", style: "wr").filter { $0.style.contains("edge") }.count == 1)
  }

  @Test func aCycleOverRegistersIsDrawnToo() throws {
    let picture = try picture(
      [
        op("txn", #"[["r",7,null],["r",8,null]]"#, result: #"[["r",7,null],["r",8,1]]"#, 0...9),
        op("txn", #"[["w",8,1],["w",7,2]]"#, 0...9),
      ], RWRegisterChecker([.serializable]))
    #expect(texts(picture).contains("w 8 1"))
    #expect(texts(picture).contains("key 7: read before 2"))
  }

  /// An arrow begins below the micro-operation that makes it, and ends above the other one.
  @Test func anArrowLeadsFromTheReadToTheAppendThatItMissed() throws {
    let picture = try picture(readSkew, ListAppendChecker([.serializable]))
    let steps = picture.elements("rect", style: "step").map {
      (Double($0.attributes["x"]!)!, Double($0.attributes["width"]!)!)
    }
    let arrow = try #require(picture.elements("path", style: "rw").first { $0.style.contains("edge") })
    let numbers = arrow.attributes["d"]!.split { !"0123456789.".contains($0) }.compactMap { Double($0) }
    let middle = { (step: Int) in steps[step].0 + steps[step].1 / 2 }
    // T1 read key 7 first; T2 appended to it second.
    #expect(abs(numbers[0] - middle(0)) < 0.2)
    #expect(abs(numbers[numbers.count - 2] - middle(3)) < 0.2)
  }

  @Test func ofALongCycleTheBeginningIsDrawn() throws {
    let ring = (0..<100).map { place in
      let steps = { (seen: String) in #"[["r",\#(place),\#(seen)],["append",\#((place + 1) % 100),1]]"# }
      return op("txn", steps("null"), result: steps("null"), 0...9)
    }
    let picture = try picture(ring, ListAppendChecker([.serializable]))
    #expect(picture.elements("rect", style: "box").count == 8)
    #expect(texts(picture).contains("by way of 92 more transactions"))
  }

  @Test func ordersOfTimeAndProcessesHaveArrowsWithoutKeys() throws {
    let picture = try picture(
      [
        op("txn", #"[["append",1,1]]"#, 0...1),
        op("txn", #"[["r",1,null]]"#, result: #"[["r",1,[1]]]"#, 0...9),
        op("txn", #"[["r",1,null]]"#, result: #"[["r",1,null]]"#, 3...4),
      ], ListAppendChecker([.strongSnapshotIsolation]))
    #expect(picture.elements("path", style: "realtime").filter { $0.style.contains("edge") }.count == 1)
    #expect(texts(picture).contains { $0.contains("before operation") })
  }

  @Test func everythingIsInsideThePicture() throws {
    let key = #""a key with a long name""#
    let long = (1...29).map { "[\"append\",\(key),\($0)]" }.joined(separator: ",")
    let seen = "[\((1...29).map(String.init).joined(separator: ","))]"
    let picture = try picture(
      [
        op("txn", "[\(long)]", 0...9), op("txn", #"[["append",\#(key),30],["append",2,1]]"#, 0...9),
        op(
          "txn", #"[["r",2,null],["r",\#(key),null]]"#, result: #"[["r",2,[1]],["r",\#(key),\#(seen)]]"#,
          0...9),
      ], ListAppendChecker([.serializable]))
    #expect(texts(picture).contains { $0.contains("…") && $0.hasSuffix("28,29]") })
    let width = try #require(Double(picture.attributes["width"] ?? ""))
    for rect in picture.elements("rect", style: "box") + picture.elements("rect", style: "step") {
      #expect(Double(rect.attributes["x"]!)! + Double(rect.attributes["width"]!)! <= width)
    }
  }

  @Test func thePageShowsThePictureBelowItsWords() throws {
    let page = try #require(files(readSkew, ListAppendChecker([.serializable]))["index.html"])
    let words = try #require(page.range(of: "T1 &lt; T2, because"))
    let picture = try #require(page.range(of: "each transaction precedes the next"))
    #expect(words.lowerBound < picture.lowerBound)
  }
}
