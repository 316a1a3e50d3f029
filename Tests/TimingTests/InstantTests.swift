import EddyTiming
import Testing

struct InstantTests {
  @Test(
    arguments: [
      (0, "0.000 ms"), (1_234_567_000, "1234.567 ms"), (5_000, "0.005 ms"), (-5_000, "-0.005 ms"),
      (-1_234_567_000, "-1234.567 ms"), (.min, "-9223372036854.775 ms"),
    ] as [(Int64, String)])
  func everyInstantHasADescription(nanoseconds: Int64, text: String) {
    #expect(Instant(nanoseconds: nanoseconds).description == text)
  }
}
