import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import HistoryScripts
import Testing

struct ResultsTests {
  private func results(_ spans: Span..., availability: Availability? = nil) -> Results {
    var network = NetworkStatistics()
    network.sent(involvingClient: false)
    network.received(involvingClient: false)
    return Results(
      history: History(spans), network: network, availability: availability,
      workload: SetFullChecker(add: "add"))
  }

  @Test func everyPartStandsUnderMaelstromsName() {
    guard case .object(let object) = results(add("1", 0...5), read("[1]", 10...12)).json else {
      Issue.record("results are an object")
      return
    }
    #expect(
      object.keys == [
        "perf", "timeline", "exceptions", "stats", "availability", "net", "workload", "valid?",
      ])
    #expect(object["valid?"] == true)
    #expect(object["workload"]?["stable-count"] == 1)
    #expect(object["net"]?["servers"]?["msgs-per-op"] == 0.5)
  }

  @Test func repliesThatMakeNoSenseAreCountedByClassWithTheFirstOfThem() throws {
    let results = results(
      add("1", 0...5), op("add", "2", 6...7, .info, error: "malformed-reply"),
      op("add", "3", 8...9, .info, error: "net-timeout"),
      op("add", "4", 8...9, .info, error: "malformed-reply"), read("[1]", 10...12))
    let found = try #require(results.json["exceptions"])
    #expect(found["valid?"] == true)
    #expect(found["exceptions"]?[0]?["count"] == 2)
    #expect(found["exceptions"]?[0]?["class"] == "malformed-reply")
    #expect(found["exceptions"]?[0]?["example"]?["value"] == 2)
    #expect(found["exceptions"]?[1] == nil, "a timeout is no exception")
    let others = self.results(add("1", 0...5), read("[1]", 10...12))
    #expect(others.json["exceptions"] == ["valid?": true])
  }

  @Test func theTextReadsBackAsTheSameResults() throws {
    let results = results(add("1", 0...5), add("[{}, []]", 0...5), read("[1, 1]", 10...12))
    #expect(try JSONValue(parsing: results.text) == results.json)
  }

  @Test func theTextIsLaidOutForPeople() {
    let text = results(add("1", 0...5), add("2", 0...5), read("[]", 10...12)).text
    #expect(text.hasPrefix("{\n  \"perf\": {\n    \"latencies\": {\n      \"add\": {\n"))
    #expect(text.contains("\n    \"lost\": [1, 2],\n"))
    #expect(text.hasSuffix(",\n  \"valid?\": false\n}\n"))
  }

  @Test func theWorstPartDecides() {
    #expect(results(add("1", 0...5), read("[1]", 10...12)).validity == .valid)
    #expect(results(add("1", 0...5)).validity == .unknown)
    #expect(results(add("1", 0...5), read("[]", 10...12)).validity == .invalid)
    // The workload alone would be unknown.
    #expect(results(add("1", 0...5, .info)).validity == .invalid)
    #expect(
      results(add("1", 0...5), read("[1]", 10...12), read("[]", 13...14, .info), availability: .total)
        .validity == .invalid)
  }

  @Test func theVerdictOfAValidRunSumsItUp() {
    #expect(
      results(add("1", 0...5), read("[1]", 10...12)).consoleText
        == """
        2 operations, 2 ok; 0.5 messages per operation between servers; stable after 0 ms (median), \
        0 ms (longest).
        Valid: all checks passed.

        """)
  }

  @Test func oneOperationIsInTheSingular() {
    #expect(results(add("1", 0...5)).consoleText.hasPrefix("1 operation, 1 ok; "))
  }

  @Test func theVerdictOfAnInvalidRunSaysFirstWhatIsWrong() {
    let lines = results(
      add("1", 0...5), add("2", 0...5, .fail), read("[]", 10...12), availability: .total
    ).consoleText.split(separator: "\n")
    #expect(lines.first?.hasPrefix("lost: 1 is lost: it was acknowledged on n0 at 0.005 s") == true)
    #expect(lines.contains("unavailable: Only 2 of 3 operations succeeded; all of them must."))
    #expect(lines.last == "Invalid: 2 anomalies: 1 lost, 1 unavailable.")
  }

  @Test func theVerdictOfAnUnknownRunSaysSo() {
    #expect(
      results(add("1", 0...5)).consoleText.hasSuffix(
        "Unknown: no read returned an element that was added. Increase --time-limit.\n"))
  }

  @Test func theVerdictCountsWhatIsWrongAndNotTheExamples() {
    let adds = (0..<1990).map { add("\($0)", 0...5) }
    let text = Results(
      history: History(adds + [read("[1990,1991,1992]", 10...12)]), network: NetworkStatistics(),
      workload: SetFullChecker(add: "add")
    ).consoleText
    #expect(text.hasSuffix("Invalid: 2 anomalies: 3 unexpected, 1,990 lost.\n"))
    #expect(text.split(separator: "\n").count == 10)
  }

  @Test func aRunWithoutOperationsIsUnknownWhateverTheWorkload() {
    let checkers: [any Checker] = [
      EchoChecker(), UniqueIDsChecker(), CounterChecker(), KafkaChecker(), SetFullChecker(add: "add"),
      RWRegisterChecker([.strictSerializable]),
    ]
    for checker in checkers {
      let results = Results(history: History(), network: NetworkStatistics(), workload: checker)
      #expect(results.validity == .unknown)
      #expect(results.consoleText.contains("\nUnknown: no operation was invoked. Increase --rate"))
      #expect(results.json["stats"]?["reason"] != nil)
    }
  }

  @Test func anomaliesAreWrittenDownWithTheirOperations() {
    let workload = results(add("1", 0...5), read("[]", 10...12)).json["workload"]
    #expect(workload?["anomalies"]?[0]?["name"] == "lost")
    #expect(workload?["anomalies"]?[0]?["count"] == 1)
    #expect(workload?["anomalies"]?[0]?["operations"] == [2, 1, 0])
    #expect(workload?["anomalies"]?[0]?["examples"]?[0]?["operations"] == [2, 1, 0])
    #expect(results(add("1", 0...5), read("[1]", 10...12)).json["workload"]?["anomalies"] == nil)
  }
}
