/// How much later than announced a parent's rounds come, from samples.
///
/// A decaying maximum. Latencies have long tails, which a mean ignores; and to suspect a parent too early
/// costs messages, where to suspect it a little late costs little.
struct LatenessEstimator {
  /// How much of the maximum is left after another sample.
  private static let decay = Ratio(15, 16)
  /// How much more than the maximum is tolerated.
  private static let headroom = Ratio(5, 4)
  /// The least tolerance: a busy machine must not look like a broken network.
  private static let leastTolerance = Duration.milliseconds(20)

  private var maximum = Duration.zero

  /// How late a round may be before its parent is suspected.
  var tolerance: Duration { max(maximum * Self.headroom, Self.leastTolerance) }

  mutating func add(_ lateness: Duration) { maximum = max(lateness, maximum * Self.decay) }
}
