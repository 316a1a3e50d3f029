import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming
import HistoryScripts
import Testing

/// What is demanded of nodes when all faults have healed.
@Suite struct LivenessCheckerTests {
  /// A history that demands an answer of two nodes from 100 ms on, within two seconds.
  private func check(_ spans: [Span], bound: String = "2.0") throws -> CheckResult? {
    let demand =
      #"{"index":0,"time":100000000,"process":"nemesis","type":"info","f":"liveness","#
      + #""value":{"bound":\#(bound),"nodes":["n0","n1"],"functions":["generate"]}}"#
    var history = try HistoryFile.decode(Array(demand.utf8))
    for operation in History(spans).operations {
      history.append(operation)
    }
    return LivenessChecker().check(history)
  }

  private func timeOut(_ milliseconds: ClosedRange<Int>, on node: String) -> Span {
    op("generate", milliseconds, on: node, .info, error: "net-timeout")
  }

  @Test func nodesThatAnswerInTimeAreValid() throws {
    let result = try check([
      timeOut(110...1110, on: "n0"), op("generate", 1200...2100, on: "n0"),
      op("generate", 110...120, on: "n1"),
    ])
    #expect(result?.validity == .valid)
    #expect(result?.details["slowest-answer"] == 2000.0)
  }

  @Test func aNodeWhoseAttemptsTimeOutIsNamed() throws {
    let result = try check([
      timeOut(110...910, on: "n0"), timeOut(1000...1800, on: "n0"), op("generate", 110...120, on: "n1"),
    ])
    #expect(result?.validity == .invalid)
    #expect(
      result?.anomalies.map(\.explanation) == [
        "n0 answered no `generate` within 2 s after all faults had healed: 2 attempts timed out."
      ])
    #expect(result?.anomalies.first?.operations.count == 2)
  }

  @Test func refusalsAreQuotedAndLateAnswersCounted() throws {
    let result = try check([
      op("generate", 110...120, on: "n0", .fail, error: "temporarily-unavailable"),
      timeOut(130...900, on: "n0"), op("generate", 1500...2101, on: "n0"),
      op("generate", 110...120, on: "n1"),
    ])
    #expect(
      result?.anomalies.first?.explanation.hasSuffix(
        "1 attempt timed out, 1 failed, the last because of temporarily-unavailable, 1 came too late.")
        == true)
  }

  @Test func aNodeThatNobodyAskedHasNotAnswered() throws {
    let result = try check([op("generate", 110...120, on: "n1")])
    #expect(result?.validity == .invalid)
  }

  @Test func aHistoryThatDemandsNothingIsNotJudged() {
    #expect(LivenessChecker().check(History(op("generate", 0...1))) == nil)
  }

  @Test(arguments: ["0", "-1", "1e300", "\"2\"", "null"]) func aDemandThatMakesNoSenseIsNone(bound: String)
    throws
  {
    #expect(try check([], bound: bound) == nil)
  }
}
