/// The round-trip time to a peer and how much it varies, from samples.
///
/// Jacobson's estimator as in RFC 6298, section 2.
struct RoundTripEstimator {
  /// How long to wait for an answer as long as nothing was measured; a second in RFC 6298, 2.1.
  var initialTimeout = Duration.seconds(1)
  /// The smoothed round-trip time; nil before the first sample.
  private(set) var smoothed: Duration?
  private(set) var variation = Duration.zero

  /// How long nothing may come before it is worth to doubt, on top of a round trip: RFC 6298's
  /// 4 · RTTVAR; at least 50 ms, so that a busy machine is not taken for a broken network, and at
  /// most another round trip or a second, so that a peer that once was paused is not waited for.
  var guardTime: Duration {
    min(max(variation * 4, .milliseconds(50)), max(smoothed ?? .zero, .seconds(1)))
  }

  /// How long to wait for an answer.
  var timeout: Duration { smoothed.map { $0 + guardTime } ?? initialTimeout }

  /// Takes a sample. One far beyond what is known counts as twice the timeout: a process that was
  /// paused says nothing of the network, and a network that has become slow is learnt in a few steps.
  mutating func add(_ sample: Duration) {
    guard sample >= .zero else { return }
    let sample = min(sample, timeout * 2)
    guard let previous = smoothed else {
      smoothed = sample
      variation = sample / 2
      return
    }
    let deviation = previous > sample ? previous - sample : sample - previous
    variation = variation * 3 / 4 + deviation / 4
    smoothed = previous * 7 / 8 + sample / 8
  }
}
