import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddyTiming
import HistoryScripts
import Testing

/// The checkers that every run goes through, whatever its workload.
struct StatsCheckerTests {
  @Test func operationsAreCountedByOutcomeAndFunction() {
    let result = StatsChecker().check(
      History(
        add("1", 0...1), add("2", 2...3, .fail), add("3", 4...5, .info), add("4", 6...7, nil),
        read("[1]", 8...9)))
    #expect(result.validity == .valid)
    #expect(
      result.json.description
        == #"{"count":5,"ok-count":2,"fail-count":1,"info-count":2,"by-f":{"#
        + #""add":{"count":4,"ok-count":1,"fail-count":1,"info-count":2,"valid?":true},"#
        + #""read":{"count":1,"ok-count":1,"fail-count":0,"info-count":0,"valid?":true}},"valid?":true}"#)
  }

  @Test func anEmptyHistoryIsUnknown() { #expect(StatsChecker().check(History()).validity == .unknown) }

  @Test func aFunctionThatWasInvokedAndNeverCompletedIsInvalid() {
    let result = StatsChecker().check(History(add("1", 0...1), read("[]", 2...9, on: "n2", nil)))
    #expect(result.validity == .invalid)
    #expect(result.names == ["never-ok"])
    #expect(result.details["by-f"]?["read"]?["info-count"] == 1)
    #expect(result.explanations.contains("1 have an unknown outcome"))
  }

  @Test func malformedRepliesAreCalledSo() {
    let result = StatsChecker().check(
      History(
        op("echo", "1", 0...1, .info, error: "malformed-reply"),
        op("echo", "2", 0...1, .fail, error: "abort"),
        op("echo", "3", 0...1, .info, error: "net-timeout")))
    #expect(
      result.explanations
        == "No `echo` ever succeeded: 1 failed, 1 got a malformed reply, 1 have an unknown outcome. The first is "
        + "that on n0 at 0.001 s (operation 3), because of malformed-reply.")
  }

  @Test func aValidRunTellsOfItsMalformedReplies() throws {
    let results = Results(
      history: History(
        op("echo", "1", 0...1, .info, error: "malformed-reply"), op("echo", "2", 0...1),
        op("echo", "3", 0...1, .info, error: "malformed-reply"),
        op("echo", "4", 0...1, .info, error: "net-timeout")),
      network: nil, workload: EchoChecker())
    #expect(results.validity == .valid)
    let lines = results.consoleText.split(separator: "\n")
    #expect(
      lines.first == """
        2 replies were malformed, so the outcome of their requests is unknown. The first is the reply to the \
        `echo` on n0 at 0.001 s (operation 4).
        """)
    #expect(lines.last == "Valid: all checks passed.")
  }

  @Test func theNemesisDoesNotCount() {
    var history = History(add("1", 0...1))
    history.append(Operation(time: 5.ms, process: .nemesis, kind: .info, function: "start-partition"))
    #expect(StatsChecker().check(history).detail("count") == "1")
  }

  @Test(arguments: [Operation.Kind.fail, .info])
  func aFunctionThatNeverSucceedsIsInvalid(outcome: Operation.Kind) {
    let result = StatsChecker().check(
      History(add("1", 0...1), op("read", 2...9, on: "n2", outcome, error: "net-timeout")))
    #expect(result.validity == .invalid)
    #expect(result.names == ["never-ok"])
    #expect(result.details["by-f"]?["read"]?["valid?"] == false)
    #expect(result.details["by-f"]?["add"]?["valid?"] == true)
    #expect(result.explanations.contains("on n2 at 0.009 s (operation 3), because of net-timeout"))
    #expect(result.anomalies[0].operations == [3])
  }

  @Test(arguments: ["crash", "debug-topic-partitions"])
  func whatExistsToFailMayAlwaysFail(function: String) {
    let history = History(op("send", "1", 0...1), op(function, 2...3, .info))
    #expect(StatsChecker().check(history).validity == .valid)
    #expect(StatsChecker().check(history).details["by-f"]?[function]?["valid?"] == false)
    #expect(StatsChecker(exempt: []).check(history).names == ["never-ok"])
  }
}

struct AvailabilityCheckerTests {
  private let history = History(
    add("1", 0...1), add("2", 2...3, .info), add("3", 4...5), add("4", 6...7, on: "n3", .fail))

  @Test func withoutADemandEveryHistoryIsValid() {
    let result = AvailabilityChecker().check(history)
    #expect(result.validity == .valid)
    #expect(result.detail("ok-fraction") == "0.5")
  }

  @Test func aFractionIsALowerBound() {
    #expect(AvailabilityChecker(.fraction(0.4)).check(history).validity == .valid)
    #expect(AvailabilityChecker(.fraction(0.5)).check(history).validity == .valid)
    let result = AvailabilityChecker(.fraction(0.6)).check(history)
    #expect(result.validity == .invalid)
    #expect(result.names == ["unavailable"])
    #expect(result.anomalies[0].count == 2)
    #expect(result.anomalies[0].examples.map(\.operations) == [[2, 3], [6, 7]])
  }

  @Test func totalAvailabilityMeansEveryOperation() {
    let result = AvailabilityChecker(.total).check(history)
    #expect(result.validity == .invalid)
    #expect(
      result.anomalies.map(\.explanation) == ["Only 2 of 4 operations succeeded; all of them must."])
    #expect(
      result.explanations
        == "The `add` of 2 on n0 at 0.002 s (operation 2) has an unknown outcome.\n"
        + "The `add` of 4 on n3 at 0.006 s (operation 6) failed.")
    #expect(AvailabilityChecker(.total).check(History(add("1", 0...1))).validity == .valid)
  }

  @Test func anOperationThatNeverEndsDidNotSucceed() {
    #expect(AvailabilityChecker(.total).check(History(add("1", 0...1, nil))).names == ["unavailable"])
  }

  @Test func anEmptyHistoryIsFullyAvailable() {
    #expect(AvailabilityChecker(.total).check(History()).validity == .valid)
    #expect(AvailabilityChecker(.total).check(History()).detail("ok-fraction") == "1.0")
  }
}

struct LatencyCheckerTests {
  @Test func latenciesAreGivenByFunctionAndOutcome() {
    let adds = (1...20).map { add("\($0)", 0...$0 * 10) }
    let result = LatencyChecker().check(
      History(adds + [add("0", 0...5000, .info), read("[]", 0...3), read("[]", 1...9, nil)]))
    #expect(result.validity == .valid)
    let latencies = result.details["latencies"]?["add"]
    #expect(
      latencies?["ok"]?.description
        == #"{"count":20,"quantiles":{"0":10.0,"0.5":110.0,"0.95":200.0,"0.99":200.0,"1":200.0}}"#)
    #expect(latencies?["info"]?["count"] == 1)
    #expect(latencies?["info"]?["quantiles"]?["0.5"] == 5000.0)
    #expect(latencies?["fail"] == nil)
    #expect(result.details["latencies"]?["read"]?["ok"]?["count"] == 1)
  }
}

struct QuantilesTests {
  @Test func eachIsAMeasuredValueAtTheRankBelow() {
    let quantiles = Quantiles((0..<100).reversed())
    #expect(quantiles?.minimum == 0)
    #expect(quantiles?.median == 50)
    #expect(quantiles?.p95 == 95)
    #expect(quantiles?.p99 == 99)
    #expect(quantiles?.maximum == 99)
  }

  @Test func oneValueIsEveryQuantile() {
    let quantiles = Quantiles([7])
    #expect([quantiles?.minimum, quantiles?.median, quantiles?.p99, quantiles?.maximum] == [7, 7, 7, 7])
  }

  @Test func nothingHasNoQuantiles() { #expect(Quantiles([Int]()) == nil as Quantiles<Int>?) }
}

struct NetworkCheckerTests {
  @Test func messagesAreCountedApartForClientsAndServers() {
    var statistics = NetworkStatistics()
    for _ in 0..<6 { statistics.sent(involvingClient: true) }
    for _ in 0..<6 { statistics.received(involvingClient: true) }
    for _ in 0..<9 { statistics.sent(involvingClient: false) }
    for _ in 0..<7 { statistics.received(involvingClient: false) }
    var history = History(add("1", 0...1), read("[1]", 2...3, .info), read("[]", 2...3, nil))
    history.append(Operation(time: 5.ms, process: .nemesis, kind: .info, function: "start-partition"))
    #expect(
      NetworkChecker(statistics).check(history).json.description
        == #"{"all":{"send-count":15,"recv-count":13,"msg-count":15,"msgs-per-op":5.0},"#
        + #""clients":{"send-count":6,"recv-count":6,"msg-count":6},"#
        + #""servers":{"send-count":9,"recv-count":7,"msg-count":9,"msgs-per-op":3.0},"valid?":true}"#)
  }

  @Test func withoutOperationsThereIsNoRatio() {
    let result = NetworkChecker(NetworkStatistics()).check(History())
    #expect(result.details["all"]?["msgs-per-op"] == nil)
    #expect(result.validity == .valid)
  }
}
