import EddyCheckers
import EddyHistory
import EddyNode
import HistoryScripts
import Testing

/// Histories after Maelstrom's `workload/pn_counter.clj`.
struct CounterCheckerTests {
  private func check(_ spans: Span...) -> CheckResult { CounterChecker().check(History(spans)) }

  @Test func finalReadsOfTheSumAreValid() {
    let result = check(
      add("3", 0...5), add("-1", 0...5), finalRead("2", 10...12), finalRead("2", 10...12, on: "n1"))
    #expect(result.validity == .valid)
    #expect(result.detail("final-reads") == "[2,2]")
    #expect(result.detail("acceptable") == "[[2,2]]")
    #expect(result.detail("errors") == "[]")
  }

  @Test func anIndefiniteAddMayHaveHappenedOrNot() {
    for sum in ["5", "15"] {
      let result = check(add("5", 0...5), add("10", 0...5000, .info), finalRead(sum, 6000...6001))
      #expect(result.validity == .valid)
      #expect(result.detail("acceptable") == "[[5,5],[15,15]]")
    }
    #expect(check(add("5", 0...5), add("10", 0...5, nil), finalRead("15", 10...11)).validity == .valid)
  }

  @Test func neighbouringSumsMergeToOneRange() {
    let result = check(
      add("1", 0...5, .info), add("2", 0...5, .info), add("-4", 0...5, .info), finalRead("0", 10...11))
    #expect(result.detail("acceptable") == "[[-4,3]]")
  }

  @Test func readsBeforeTheFinalOnesMayBeAnything() {
    #expect(check(add("1", 0...5), read("0", 6...7), finalRead("1", 10...11)).validity == .valid)
  }

  @Test func withoutAFinalReadNothingCanBeTold() {
    let result = check(add("1", 0...5), read("1", 6...7))
    #expect(result.validity == .unknown)
    #expect(
      result.reason == "no final read succeeded, so the sum is unknown. See the reads in history.jsonl.")
  }

  @Test func aLostAddIsAWrongSum() {
    let result = check(
      add("3", 0...5), add("4", 0...5), finalRead("7", 10...12), finalRead("3", 10...13, on: "n2"))
    #expect(result.validity == .invalid)
    #expect(result.names == ["wrong-sum"])
    #expect(result.detail("errors") == #"[{"operation":7,"value":3}]"#)
    #expect(
      result.explanations
        == "The final read on n2 at 0.013 s (operation 7) returned 3. With 2 acknowledged adds that sum "
        + "up to 7, it must be 7.")
  }

  /// Two nodes that write the whole counter over each other's, each keeping its own adds only.
  @Test func aLastWriteWinsCounterHasAWrongSum() {
    let result = check(
      add("5", 0...5, on: "n0"), add("8", 0...5, on: "n1"), finalRead("8", 10...12, on: "n0"),
      finalRead("8", 10...12, on: "n1"))
    #expect(result.names == ["wrong-sum"])
    #expect(result.anomalies.map(\.count) == [2])
    #expect(result.anomalies[0].explanation == "2 of 2 final reads returned a wrong sum.")
  }

  @Test func anAddCountedTwiceIsAWrongSum() {
    let result = check(add("1", 0...5), add("2", 0...5, .info), finalRead("5", 10...12))
    #expect(result.names == ["wrong-sum"])
    #expect(result.explanations.contains("and 1 with unknown outcome, it must be 1 or 3."))
  }

  @Test func aFailedAddMustNotCountAndTheExplanationSaysThatItDid() {
    let result = check(add("1", 0...5), add("2", 0...5, .fail), finalRead("3", 10...12))
    #expect(result.names == ["wrong-sum"])
    #expect(
      result.explanations.hasSuffix(
        "The sum is possible if failed adds were counted, but a definite error means that the add did not "
          + "happen. 1 add failed; the first is the `add` of 2 on n0 at 0.000 s (operation 1)."))
    let other = check(add("1", 0...5), add("2", 0...5, .fail), finalRead("2", 10...12))
    #expect(!other.explanations.contains("definite"))
  }

  @Test func whatIsNoIntegerComesBeforeTheSumsThatAreWrong() {
    let result = check(add("1", 0...5), finalRead("5", 10...12), finalRead("1.0", 10...13))
    #expect(result.names == ["malformed-read", "wrong-sum"])
  }

  @Test func withoutAnAddNothingCanBeTold() {
    let result = check(finalRead("0", 10...12))
    #expect(result.validity == .unknown)
    #expect(result.reason?.hasPrefix("nothing was added") == true)
  }

  /// A history file may hold any integers.
  @Test func sumsBeyondTheRangeOfIntegersDoNotOverflow() {
    let great = "\(Int.max)"
    let result = check(
      add(great, 0...5), add(great, 0...5), add(great, 0...5, .info), add("\(Int.min)", 0...5, .info),
      finalRead("\(Int.max - 1)", 10...12))
    #expect(result.validity == .valid || result.names == ["wrong-sum"])
  }

  @Test func aSumBetweenTheRangesIsWrong() {
    let result = check(add("0", 0...5), add("10", 0...5, .info), finalRead("5", 10...12))
    #expect(result.names == ["wrong-sum"])
  }

  @Test(arguments: ["1.5", "1.0", #""1""#, "null", "[1]"])
  func aReadOfNoIntegerIsMalformed(value: String) {
    let result = check(add("1", 0...5), finalRead(value, 10...12))
    #expect(result.validity == .invalid)
    #expect(result.names == ["malformed-read"])
  }
}
