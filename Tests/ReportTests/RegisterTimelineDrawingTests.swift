import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
import EddyRun
import Foundation
import HistoryScripts
import Testing

/// Pictures of operations on a register that no order explains.
@Suite struct RegisterTimelineDrawingTests {
  private func picture(_ spans: [Span]) throws -> Element {
    let recording = Recording(nodes: ["n0"], spans, [])
    let results = Results(
      history: recording.history, network: NetworkStatistics(), workload: LinearizabilityChecker())
    let report = Report(recording, results: results, options: [:], command: "eddy")
    let file = try #require(report.files.first { $0.name == "figure-1.svg" })
    let page = try #require(report.files.first { $0.name == "index.html" })
    #expect(page.text.contains("in red has no place in any order"))
    return try parse(xml: file.text)
  }

  private let staleRead = [
    op("write", "[7,1]", 0...1), op("write", "[7,2]", 2...3),
    op("write", "[7,5]", 2...3, .info, error: "net-timeout"), op("read", "[7,null]", result: "[7,1]", 4...6),
  ]

  private func number(_ element: Element, _ name: String) -> Double {
    element.attributes[name].flatMap { Double($0) } ?? .nan
  }

  @Test func theOffenderIsRedAndTheOthersHaveTheirPlaces() throws {
    let picture = try picture(staleRead)
    let offenders = picture.elements("rect", style: "wrong")
    #expect(offenders.count == 1)
    #expect(
      offenders.first?.title
        == "r 1, process 3 on n0, invoked at 0.004 s (operation 6), completed at 0.006 s (operation 7)")
    #expect(picture.elements("rect", style: "known").count == 2)
    #expect(picture.elements("text", style: "rank").map(\.text) == ["1", "2"])
    #expect(picture.texts.contains("key 7: the r 1 in red has no place in any order"))
    for label in ["w 1", "w 2", "w 5", "r 1"] { #expect(picture.texts.contains(label)) }
  }

  /// Circles stand within the bars, in the order of their numbers.
  @Test func everyOperationTakesEffectWithinItsTime() throws {
    let picture = try picture(staleRead)
    let circles = picture.elements("circle", style: "point").map { number($0, "cx") }
    let bars = picture.elements("rect", style: "known")
    #expect(circles == circles.sorted())
    for (circle, bar) in zip(circles, bars) {
      #expect(circle > number(bar, "x") && circle < number(bar, "x") + number(bar, "width"))
    }
  }

  @Test func theRegistersValuesStandBelow() throws {
    let picture = try picture(staleRead)
    let states = picture.elements("rect", style: "state")
    #expect(states.map(\.title) == ["key 7 is null", "key 7 is 1", "key 7 is 2"])
    // During the offender's time it is another than the one needed.
    let offender = try #require(picture.elements("rect", style: "wrong").first)
    let last = try #require(states.last)
    #expect(number(last, "x") < number(offender, "x"))
    #expect(number(last, "x") + number(last, "width") >= number(offender, "x") + number(offender, "width"))
  }

  @Test func anOperationOfUnknownOutcomeNeverEnds() throws {
    let picture = try picture(staleRead)
    let unknown = try #require(picture.elements("rect", style: "unknown").first)
    let offender = try #require(picture.elements("rect", style: "wrong").first)
    #expect(
      number(unknown, "x") + number(unknown, "width") > number(offender, "x") + number(offender, "width"))
    #expect(unknown.title?.contains("of unknown outcome") == true)
  }

  @Test func aLongHistoryIsCutToItsEnd() throws {
    var spans = (0..<100).map { op("write", "[1,\($0)]", (2 * $0)...(2 * $0 + 1)) }
    spans.append(op("read", "[1,null]", result: "[1,0]", 300...301))
    let picture = try picture(spans)
    #expect(picture.elements("rect", style: "known").count == 23)
    #expect(picture.elements("rect", style: "state").first?.title == "key 1 is 76")
    #expect(picture.texts.contains { $0.contains("77 operations before these in the order.") })
  }
}
