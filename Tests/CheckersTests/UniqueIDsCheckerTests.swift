import EddyCheckers
import EddyHistory
import EddyNode
import HistoryScripts
import Testing

struct UniqueIDsCheckerTests {
  private func check(_ ids: String...) -> CheckResult {
    UniqueIDsChecker().check(
      History(ids.enumerated().map { op("generate", result: $1, $0 * 10...$0 * 10 + 5, on: "n\($0 % 3)") }))
  }

  @Test func distinctIDsAreValid() {
    let result = check("1", "3", "2")
    #expect(result.validity == .valid)
    #expect(result.detail("attempted-count") == "3")
    #expect(result.detail("acknowledged-count") == "3")
    #expect(result.detail("duplicated-count") == "0")
    #expect(result.detail("range") == "[1,3]")
  }

  @Test func noIDsAreValidAndHaveNoRange() {
    #expect(check().validity == .valid)
    #expect(check().detail("range") == "[null,null]")
  }

  @Test func onlyAcknowledgedIDsCount() {
    let result = UniqueIDsChecker().check(
      History(
        op("generate", result: "1", 0...1), op("generate", result: "1", 2...3, .info),
        op("generate", result: "1", 2...3, .fail), op("generate", 2...3, nil)))
    #expect(result.validity == .valid)
    #expect(result.detail("attempted-count") == "4")
    #expect(result.detail("acknowledged-count") == "1")
  }

  @Test func valuesThatOnlyLookAlikeAreDistinct() {
    let result = check(
      "1", "1.0", #""1""#, "[1]", "true", "null", "18446744073709551616", "18446744073709551617",
      #""\u00e9""#, #""e\u0301""#)
    #expect(result.validity == .valid)
  }

  @Test func theRangeHasNumbersBeforeStringsAndCountsThemExactly() {
    #expect(check(#""a""#, "10", "9", "[0]", #""Z""#).detail("range") == "[9,[0]]")
    #expect(
      check("9007199254740993", "9007199254740992").detail("range") == "[9007199254740992,9007199254740993]")
    #expect(
      check("-9007199254740993", "-9007199254740992").detail("range")
        == "[-9007199254740993,-9007199254740992]")
    #expect(check("-5", "-50", "2.5").detail("range") == "[-50,2.5]")
  }

  @Test func anIDGivenOutTwiceIsADuplicate() {
    let result = check("7", "8", "7")
    #expect(result.validity == .invalid)
    #expect(result.names == ["duplicated"])
    #expect(result.detail("duplicated") == #"[{"id":7,"count":2}]"#)
    #expect(
      result.explanations
        == "The id 7 was returned 2 times: on n0 at 0.005 s (operation 1), and on n2 at 0.025 s (operation 5)."
    )
    #expect(result.anomalies[0].operations == [1, 5])
  }

  @Test func aDuplicateIsFoundHoweverItIsWritten() {
    #expect(check(#""a-\u0031""#, #""a-1""#).names == ["duplicated"])
    #expect(check(#"{"a":1,"b":2}"#, #"{"b": 2, "a": 1}"#).names == ["duplicated"])
    #expect(check("null", "null").names == ["duplicated"])
  }

  @Test func theMostRepeatedIDComesFirst() {
    let result = check("1", "1", "2", "2", "2")
    #expect(result.detail("duplicated") == #"[{"id":2,"count":3},{"id":1,"count":2}]"#)
  }

  @Test func anIDRepeatedForEverIsExplainedOnce() {
    let ids = [String](repeating: "0", count: 100)
    let result = UniqueIDsChecker().check(History(ids.map { op("generate", result: $0, 0...1) }))
    #expect(result.anomalies.count == 1)
    #expect(result.explanations.hasSuffix("and 92 times more."))
  }
}
