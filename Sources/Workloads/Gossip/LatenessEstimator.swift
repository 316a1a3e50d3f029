/// How much later than announced a parent's rounds come, from samples.
///
/// The worst of late, forgotten slowly: latencies have long tails, of which a mean deviation knows
/// nothing, and to doubt too early costs messages where to doubt a little too late costs little.
struct LatenessEstimator {
  private var worst = Duration.zero

  /// What is no reason to doubt yet: a quarter more than the worst; at least 20 ms, so that
  /// a busy machine is not taken for a broken network.
  var tolerance: Duration { max(worst * 5 / 4, .milliseconds(20)) }

  mutating func add(_ lateness: Duration) { worst = max(lateness, worst * 15 / 16) }
}
