/// How much round trips deviate from what was expected, over all peers.
///
/// A peer's own variation begins at half of its first round trip (RFC 6298) and takes seconds to show that a
/// network is steady. A node that has lost its parent knows the next one for less time than that.
struct JitterEstimator {
  /// The weight of a sample in the mean deviation, as RFC 6298's alpha.
  private static let sampleWeight = Ratio(1, 8)
  /// Up to which part of a round trip the mean deviation is low.
  private static let lowDeviation = Ratio(1, 16)

  /// Nil before the first sample.
  private var mean: Duration?

  mutating func add(_ deviation: Duration) {
    mean = mean.map { $0 * Self.sampleWeight.complement + deviation * Self.sampleWeight } ?? deviation
  }

  /// Whether round trips hardly vary, so that what is late is lost.
  func isLow(beside roundTrip: RoundTripEstimator) -> Bool {
    guard let mean, let smoothed = roundTrip.smoothed else { return false }
    return mean <= smoothed * Self.lowDeviation
  }
}
