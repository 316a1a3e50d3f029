/// The round-trip time to a peer and how much it varies, from samples.
///
/// Jacobson's estimator as in RFC 6298, section 2.
struct RoundTripEstimator {
  /// RFC 6298's alpha: the weight of a sample in the smoothed round trip.
  private static let sampleWeight = Ratio(1, 8)
  /// RFC 6298's beta: the weight of a sample's deviation in the variation.
  private static let deviationWeight = Ratio(1, 4)
  /// RFC 6298's K: how many variations the timeout is above the smoothed round trip.
  private static let variationsInMargin = 4
  /// The least margin: a busy machine must not look like a broken network.
  private static let leastMargin = Duration.milliseconds(50)
  /// The greatest margin of a short round trip: a peer that was paused once must not be waited for long.
  private static let greatestMargin = Duration.seconds(1)
  /// How many timeouts a sample counts as at most.
  private static let largestSampleInTimeouts = 2

  /// The timeout before the first sample; one second in RFC 6298, rule 2.1.
  var initialTimeout = Duration.seconds(1)
  /// The smoothed round-trip time; nil before the first sample.
  private(set) var smoothed: Duration?
  private(set) var variation = Duration.zero

  /// How long after a round trip an answer is overdue: four variations, at least 50 ms, and at most one
  /// second or another round trip, whichever is longer.
  var retransmissionMargin: Duration {
    min(
      max(variation * Self.variationsInMargin, Self.leastMargin), max(smoothed ?? .zero, Self.greatestMargin))
  }

  /// How long to wait for an answer.
  var timeout: Duration { smoothed.map { $0 + retransmissionMargin } ?? initialTimeout }

  /// Takes a sample; ignores a negative one.
  ///
  /// A sample far above the estimate counts as twice the timeout. A paused process tells nothing of the
  /// network, and a network that has become slow is learnt in a few steps.
  mutating func add(_ sample: Duration) {
    guard sample >= .zero else { return }
    let sample = min(sample, timeout * Self.largestSampleInTimeouts)
    guard let previous = smoothed else {
      smoothed = sample
      variation = sample / 2
      return
    }
    let deviation = previous > sample ? previous - sample : sample - previous
    variation = variation * Self.deviationWeight.complement + deviation * Self.deviationWeight
    smoothed = previous * Self.sampleWeight.complement + sample * Self.sampleWeight
  }
}
