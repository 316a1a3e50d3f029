import EddyHistory
import EddyNode
import HistoryScripts
import Testing

@testable import EddyCheckers

/// Histories planted with one violation each, and right ones that look alike.
@Suite struct LinearizabilityCheckerTests {
  private func check(_ spans: Span...) -> CheckResult { LinearizabilityChecker().check(History(spans)) }

  /// The invocation and completion of the operation that has no place.
  private func offender(_ result: CheckResult) -> [Int] {
    Array((result.anomalies.first?.operations ?? []).prefix(2))
  }

  @Test func operationsInOrderAreLinearizable() {
    let result = check(
      op("write", "[1,2]", 0...1), op("read", "[1,null]", result: "[1,2]", 2...3),
      op("cas", "[1,[2,3]]", 4...5),
      op("read", "[1,null]", result: "[1,3]", 6...7), op("read", "[2,null]", result: "[2,null]", 8...9))
    #expect(result.validity == .valid)
    #expect(result.detail("failures") == "[]")
    #expect(result.detail("key-count") == "2")
  }

  @Test func overlappingOperationsTakeEffectInEitherOrder() {
    #expect(
      check(
        op("write", "[1,1]", 0...10), op("write", "[1,2]", 1...9),
        op("read", "[1,null]", result: "[1,1]", 11...12)
      ).validity == .valid)
    #expect(
      check(
        op("write", "[1,1]", 0...10), op("write", "[1,2]", 1...9),
        op("read", "[1,null]", result: "[1,2]", 11...12)
      ).validity == .valid)
  }

  @Test func aStaleReadIsNamedWithTheWriteThatItMissed() {
    let result = check(
      op("write", "[7,1]", 0...1, on: "n0"), op("write", "[7,2]", 2...3, on: "n1"),
      op("read", "[7,null]", result: "[7,1]", 4...6, on: "n2"))
    #expect(result.validity == .invalid)
    #expect(result.names == ["nonlinearizable"])
    #expect(result.detail("failures") == "[7]")
    #expect(result.anomalies[0].operations == [5, 4, 1, 3])
    #expect(
      result.explanations
        == "The read of key 7 returned 1, invoked on n2 at 0.004 s (operation 4), completed at 0.006 s "
        + "(operation 5): it has no place in any order of the operations. Every order without it leaves key 7 at 2 "
        + "when it completes, and it fits nowhere within one. In a longest order, 1 was last written by the `write` "
        + "of 1 on n0 at 0.001 s (operation 1), and replaced by the `write` of 2 on n1 at 0.003 s "
        + "(operation 3).")
  }

  @Test func aReadOfNullAfterAWriteIsStale() {
    let result = check(op("write", "[1,4]", 0...1), op("read", "[1,null]", result: "[1,null]", 2...3))
    #expect(offender(result) == [3, 2])
    #expect(result.explanations.contains("Key 1 was that only before the first operation that wrote to it"))
  }

  @Test func aReadThatFindsNoKeyAfterAWriteIsStale() {
    let absent = op("read", "[1,null]", 2...3, .fail, error: "key-does-not-exist")
    let result = check(op("write", "[1,4]", 0...1), absent)
    #expect(offender(result) == [3, 2])
    #expect(result.explanations.hasPrefix("The read of key 1 found no such key, invoked on n0"))
    #expect(check(op("write", "[1,4]", 0...3), absent).validity == .valid)
    #expect(check(op("write", "[1,4]", 4...5), absent).validity == .valid)
  }

  @Test func aReadOfNullDuringTheFirstWriteIsRight() {
    #expect(
      check(op("write", "[1,4]", 0...3), op("read", "[1,null]", result: "[1,null]", 1...2)).validity == .valid
    )
  }

  @Test func aCompareAndSetThatLosesAnUpdateIsNamed() {
    let result = check(
      op("write", "[1,0]", 0...1), op("cas", "[1,[0,1]]", 2...5), op("cas", "[1,[0,2]]", 3...6))
    #expect(offender(result) == [5, 3])
    #expect(result.explanations.contains("The compare-and-set of key 1 from 0 to 2 succeeded"))
  }

  @Test func aReadOfAValueThatNobodyWroteIsNamed() {
    let result = check(
      op("write", "[1,3]", 0...1), op("read", "[1,null]", result: "[1,7]", 2...3),
      op("read", "[2,null]", result: #"[2,"3"]"#, 4...5), op("write", "[2,3]", 4...6))
    #expect(result.detail("failures") == "[1,2]")
    #expect(result.anomalies[0].count == 2)
    #expect(result.anomalies[0].explanation == "2 of 2 keys are not linearizable.")
    #expect(result.explanations.contains("No operation ever tried to write it.\n"))
    #expect(result.explanations.contains("it is a string, and the value written is 3."))
  }

  @Test func aReadOfAWriteThatFailedIsNamed() {
    let result = check(
      op("write", "[1,3]", 0...1), op("write", "[1,4]", 2...3, .fail, error: "temporarily-unavailable"),
      op("read", "[1,null]", result: "[1,4]", 4...5))
    #expect(offender(result) == [5, 4])
    #expect(
      result.explanations.contains(
        "Only operations that failed tried to write 4, such as the `write` on n0 at 0.003 s (operation 3) because "
          + "of temporarily-unavailable."))
  }

  @Test func aReadThatFailedClaimsNothing() {
    #expect(
      check(
        op("write", "[1,3]", 0...1), op("read", "[1,null]", 2...3, .fail, error: "net-timeout"),
        op("read", "[1,null]", 2...3, .fail, error: "temporarily-unavailable")
      ).validity == .valid)
  }

  @Test func aSplitBrainIsNotLinearizable() {
    // Two nodes take writes, and each serves its own.
    let result = check(
      op("write", "[1,1]", 0...1, on: "n0"), op("write", "[1,2]", 2...3, on: "n1"),
      op("read", "[1,null]", result: "[1,2]", 4...5, on: "n1"),
      op("read", "[1,null]", result: "[1,1]", 6...7, on: "n0"),
      op("read", "[1,null]", result: "[1,2]", 8...9, on: "n1"))
    #expect(offender(result) == [7, 6])
  }

  // MARK: Unknown outcomes

  @Test func anIndefiniteWriteMayTakeEffectLate() {
    let result = check(
      op("write", "[1,1]", 0...1), op("write", "[1,2]", 2...3, .info, error: "net-timeout"),
      op("read", "[1,null]", result: "[1,1]", 4...5), op("write", "[1,3]", 6...7),
      op("read", "[1,null]", result: "[1,2]", 8...9))
    #expect(result.validity == .valid)
  }

  /// The write of 2 takes effect first, then the one of unknown outcome, whose value the compare-and-set needs.
  @Test func anIndefiniteWriteOfTheSameValueMayHideAnotherWrite() {
    #expect(
      check(
        op("write", "[1,1]", 0...1), op("write", "[1,2]", 2...7),
        op("write", "[1,1]", 3...3, .info, error: "net-timeout"), op("cas", "[1,[1,3]]", 4...6),
        op("read", "[1,null]", result: "[1,3]", 8...9)
      ).validity == .valid)
  }

  @Test func anIndefiniteWriteMayNeverTakeEffect() {
    #expect(
      check(
        op("write", "[1,1]", 0...1), op("write", "[1,2]", 2...3, nil),
        op("read", "[1,null]", result: "[1,1]", 4...5)
      ).validity == .valid)
  }

  @Test func anIndefiniteWriteTakesEffectAtMostOnce() {
    let result = check(
      op("write", "[1,2]", 0...1, .info, error: "net-timeout"),
      op("read", "[1,null]", result: "[1,2]", 2...3),
      op("write", "[1,1]", 4...5), op("read", "[1,null]", result: "[1,2]", 6...7))
    #expect(offender(result) == [7, 6])
    #expect(
      result.explanations.contains("of 2 on n0 at 0.000 s (operation 0), of unknown outcome, and replaced by")
    )
  }

  @Test func anIndefiniteCompareAndSetTakesEffectOnlyOnItsValue() {
    let cas = op("cas", "[1,[1,2]]", 2...3, .info, error: "net-timeout")
    #expect(
      check(op("write", "[1,1]", 0...1), cas, op("read", "[1,null]", result: "[1,2]", 4...5)).validity
        == .valid)
    let result = check(op("write", "[1,3]", 0...1), cas, op("read", "[1,null]", result: "[1,2]", 4...5))
    #expect(offender(result) == [5, 4])
    #expect(result.explanations.contains("The only operations that write it have no place before"))
  }

  @Test func anIndefiniteWriteDoesNotTakeEffectBeforeItsInvocation() {
    let result = check(
      op("write", "[1,1]", 0...1), op("read", "[1,null]", result: "[1,2]", 2...3),
      op("write", "[1,2]", 4...5, .info, error: "net-timeout"))
    #expect(offender(result) == [3, 2])
  }

  @Test func hundredsOfIndefiniteOperationsThatNobodySawCostNothing() {
    var spans: [Span] = []
    for time in 0..<300 {
      let at = time * 10
      spans.append(op("write", "[1,\(1000 + time)]", at...(at + 1), .info, error: "net-timeout"))
      spans.append(op("cas", "[1,[\(time),\(2000 + time)]]", at...(at + 1), .info, error: "net-timeout"))
      spans.append(op("write", "[1,\(time)]", (at + 2)...(at + 3)))
      spans.append(op("read", "[1,null]", result: "[1,\(time)]", (at + 4)...(at + 5)))
    }
    #expect(LinearizabilityChecker(configurationLimit: 2000).check(History(spans)).validity == .valid)
  }

  // MARK: Limits and forms

  @Test func tooManyPossibleStatesAreUnknownWithTheReason() {
    // Each compare-and-set may come first, and none of what follows tells.
    var spans = [op("write", "[1,99]", 0...0), op("write", "[1,0]", 1...1)]
    for value in 1...5 { spans.append(op("cas", "[1,[0,\(value)]]", 2...100, .info, error: "net-timeout")) }
    for value in 1...5 { spans.append(op("cas", "[1,[\(value),0]]", 2...100, .info, error: "net-timeout")) }
    for value in 1...5 {
      spans.append(op("read", "[1,null]", result: "[1,\(value)]", (200 + value)...(300 + value)))
    }
    spans.append(op("read", "[1,null]", result: "[1,99]", 400...401))
    let history = History(spans)
    #expect(LinearizabilityChecker().check(history).validity == .invalid)
    let result = LinearizabilityChecker(configurationLimit: 10).check(history)
    #expect(result.validity == .unknown)
    #expect(result.detail("undecided") == "[1]")
    #expect(
      result.reason?.hasPrefix("key 1 has more than 10 possible states, too many to try all orders of its")
        == true)
  }

  @Test func aValueThatNobodyHadWrittenIsFoundAmongTooManyPossibleStates() {
    var spans = [op("write", "[1,0]", 0...1)]
    for value in 1...6 { spans.append(op("cas", "[1,[0,\(value)]]", 2...100, .info, error: "net-timeout")) }
    for value in 1...6 { spans.append(op("cas", "[1,[\(value),0]]", 2...100, .info, error: "net-timeout")) }
    for value in 1...6 {
      spans.append(op("read", "[1,null]", result: "[1,\(value)]", (200 + value)...(300 + value)))
    }
    spans.append(op("read", "[1,null]", result: "[1,99]", 400...401, on: "n2"))
    spans.append(op("write", "[1,99]", 500...501))
    let result = LinearizabilityChecker(configurationLimit: 10).check(History(spans))
    #expect(result.validity == .invalid)
    #expect(result.explanations.contains("The read of key 1 returned 99, invoked on n2 at 0.400 s"))
    #expect(
      result.explanations.contains(
        "There are too many orders of the operations before it to find one that has them all."))
  }

  @Test func aKeyThatIsInvalidCountsMoreThanOneThatIsUndecided() {
    var spans = [op("read", "[2,null]", result: "[2,5]", 0...1)]
    for value in 1...6 { spans.append(op("cas", "[1,[null,\(value)]]", 2...100)) }
    let result = LinearizabilityChecker(configurationLimit: 3).check(History(spans))
    #expect(result.validity == .invalid)
    #expect(result.detail("failures") == "[2]")
    #expect(result.detail("undecided") == "[1]")
  }

  @Test func aHistoryWithoutOperationsIsUnknown() {
    #expect(check().validity == .unknown)
    #expect(check(op("read", "[1,null]", 2...3, .fail, error: "abort")).validity == .unknown)
  }

  @Test func aSingleRegisterNeedsNoKeys() {
    #expect(
      check(op("write", "3", 0...1), op("cas", "[3,4]", 2...3), op("read", result: "4", 4...5)).validity
        == .valid)
    let result = check(op("write", "3", 0...1), op("read", result: "4", 2...3))
    #expect(result.explanations.contains("The read of the register returned 4"))
  }

  @Test func keysAndValuesAreComparedAsJSON() {
    #expect(
      check(
        op("write", #"["a",{"x":1,"y":[ 2 ]}]"#, 0...1),
        op("read", #"["a",null]"#, result: #"["\u0061",{"y":[2],"x":1}]"#, 2...3)
      ).validity == .valid)
    #expect(
      check(op("write", "[1,1]", 0...1), op("read", "[1,null]", result: "[1,1.0]", 2...3)).validity
        == .invalid)
  }

  @Test func anAcknowledgedOperationWithoutAKeyIsMalformed() {
    let result = check(
      op("write", "[1,3]", 0...1), op("read", "[1,null]", result: "3", 2...3), op("cas", "[1,3]", 4...5))
    #expect(result.names == ["malformed-value"])
    #expect(result.anomalies[0].count == 2)
  }
}
