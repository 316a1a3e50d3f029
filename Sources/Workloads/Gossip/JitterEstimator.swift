/// How much round trips deviate from what was expected, whoever they are with.
///
/// A link's own variation begins at half of its first round trip (RFC 6298) and takes seconds to say
/// that a network is steady; but a node that has lost its parent knows the next one for less than that.
struct JitterEstimator {
  /// Nil before the first sample.
  private var mean: Duration?

  mutating func add(_ deviation: Duration) { mean = mean.map { $0 * 7 / 8 + deviation / 8 } ?? deviation }

  /// Whether round trips hardly vary, so that what is late is lost.
  func isLow(beside roundTrip: RoundTripEstimator) -> Bool {
    guard let mean, let smoothed = roundTrip.smoothed else { return false }
    return mean <= smoothed / 16
  }
}
