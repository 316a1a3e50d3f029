import EddyHistory
import EddyTiming
import HistoryScripts
import Testing

struct FiguresTests {
  @Test(arguments: [
    (0.0, 0, "0"), (0.5, 0, "1"), (2.375, 2, "2.38"), (0.005, 3, "0.005"), (-1.5, 1, "-1.5"),
    (-0.04, 1, "0.0"),
    (123_456.789, 1, "123456.8"), (1e300, 1, "1e+300"),
  ])
  func decimalsAreFixed(number: Double, decimals: Int, text: String) {
    #expect(number.fixed(decimals) == text)
  }

  @Test(arguments: [(2.50, "2.5"), (3.0, "3"), (-0.001, "0"), (0.125, "0.13"), (1000.0, "1000")])
  func zerosAtTheEndAreDropped(number: Double, text: String) { #expect(number.short(2) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func digitsAreGrouped(number: Int, text: String) { #expect(number.grouped == text) }

  @Test func nounsAgree() {
    #expect(1.counted("message") == "1 message")
    #expect(2000.counted("message") == "2,000 messages")
  }

  @Test(arguments: [
    (0, "0"), (900, "0.9 µs"), (12_345, "12 µs"), (3_456_000, "3.46 ms"), (34_560_000, "34.6 ms"),
    (345_600_000, "346 ms"), (1_250_000_000, "1.25 s"), (61_000_000_000, "61 s"),
  ])
  func durationsHaveTheUnitThatSuitsThem(nanoseconds: Int, text: String) {
    #expect(Duration.nanoseconds(nanoseconds).short == text)
  }

  @Test func timesAreAsFineAsTheyNeedToBe() {
    #expect(1204.ms.clock == "1.204 s")
    #expect(Instant(nanoseconds: 1_204_031_000).clock == "1.204031 s")
    #expect((-5).ms.clock == "-0.005 s")
  }

  @Test func whatIsCutSaysSo() {
    #expect("abcdef".shortened(to: 6) == "abcdef")
    #expect("abcdefg".shortened(to: 6) == "abcde…")
    #expect("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧".shortened(to: 2) == "👩‍👩‍👧…")
    #expect("".shortened(to: 1).isEmpty)
  }
}
