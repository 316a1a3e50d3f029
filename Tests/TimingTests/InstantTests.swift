import EddyTiming
import Testing

struct InstantTests {
  @Test(
    arguments: [
      (0, "0.000 ms"), (1_234_567_000, "1234.567 ms"), (5_000, "0.005 ms"), (-5_000, "-0.005 ms"),
      (-1_234_567_000, "-1234.567 ms"), (.min, "-9223372036854.775 ms"),
    ] as [(Int, String)])
  func everyInstantHasADescription(nanoseconds: Int, text: String) {
    #expect(Instant(nanoseconds: nanoseconds).description == text)
  }

  /// By way of the standard library's protocol, as code that is generic over clocks does it.
  @Test func anInstantIsOneOfTheStandardLibrarys() {
    func moved<Moment: InstantProtocol>(_ moment: Moment, by duration: Moment.Duration) -> Moment.Duration {
      moment.duration(to: moment.advanced(by: duration))
    }
    #expect(moved(Instant.zero, by: .milliseconds(-3)) == .milliseconds(-3))
    #expect(Instant(nanoseconds: 5) + .nanoseconds(7) - .nanoseconds(2) == Instant(nanoseconds: 10))
    #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 7) == .nanoseconds(-2))
  }
}
