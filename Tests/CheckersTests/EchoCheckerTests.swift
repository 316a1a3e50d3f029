import EddyCheckers
import EddyHistory
import EddyNode
import HistoryScripts
import Testing

struct EchoCheckerTests {
  private func echo(_ payload: String, _ reply: String) -> CheckResult {
    EchoChecker().check(History(op("echo", payload, result: reply, 0...5, on: "n1")))
  }

  @Test(arguments: [
    (#""Please echo 7""#, #""Please echo 7""#),
    (#"{"a":[1,2.50],"b":null}"#, #"{ "b": null, "a": [1, 2.5] }"#),
    (#""\u00fc\/\ud83d\ude00""#, "\"ü/😀\""),
    ("1e3", "1000.0"),
    ("null", "null"),
  ])
  func aPayloadMayComeBackInAnotherSpelling(payload: String, reply: String) {
    #expect(echo(payload, reply).validity == .valid)
    #expect(echo(payload, reply).detail("errors") == "[]")
  }

  @Test(arguments: [
    ("1", "1.0"), (#""a""#, #""b""#), ("[1,2]", "[2,1]"), (#"{"a":1}"#, #"{"a":1,"b":2}"#),
    ("18446744073709551617", "18446744073709551616"), (#""é""#, #""e\u0301""#), ("null", "false"),
  ])
  func aChangedPayloadIsAnError(payload: String, reply: String) {
    let result = echo(payload, reply)
    #expect(result.validity == .invalid)
    #expect(result.names == ["changed"])
    #expect(result.anomalies[0].operations == [0, 1])
    #expect(
      result.explanations
        == "The `echo` of \(payload.json) on n1 at 0.000 s (operation 0) returned \(reply).")
  }

  @Test func errorsSayWhatWasExpectedAndReceived() {
    #expect(
      echo("1", "2").detail("errors") == #"[{"operation":0,"expected":1,"received":2,"error":null}]"#)
  }

  @Test func anEchoThatIsRefusedIsAnError() {
    let result = EchoChecker().check(History(op("echo", "1", 0...5, .fail, error: "abort")))
    #expect(result.validity == .invalid)
    #expect(result.names == ["refused"])
    #expect(result.explanations == "The `echo` of 1 on n0 at 0.000 s (operation 0) failed: abort.")
  }

  /// As in Maelstrom, for whose checker such an echo may have come back.
  @Test(arguments: ["net-timeout", "crash", "malformed-reply"])
  func anEchoOfUnknownOutcomeIsNoError(error: String) {
    let history = History(op("echo", "1", 0...5000, .info, error: error), op("echo", "2", result: "2", 0...1))
    #expect(EchoChecker().check(history).validity == .valid)
  }

  @Test func anEchoThatNeverEndsIsNoError() {
    #expect(EchoChecker().check(History(op("echo", "1", 0...5, nil))).validity == .valid)
  }

  @Test func everyEchoIsComparedWithItsOwnInvocation() {
    let result = EchoChecker().check(
      History(
        op("echo", "1", result: "2", 0...10), op("echo", "2", result: "1", 1...9),
        op("echo", "3", result: "3", 2...8)))
    #expect(result.anomalies.map(\.count) == [2])
    #expect(result.anomalies[0].examples.map(\.operations) == [[0, 5], [1, 4]])
  }

  @Test func noEchoesAreValid() { #expect(EchoChecker().check(History()).validity == .valid) }
}
