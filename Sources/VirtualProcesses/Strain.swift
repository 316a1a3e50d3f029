import EddyTiming

/// How far a node's threads are held back that never wait, so that virtual time goes on in a run that ends soon.
///
/// A node that is busy once waits a little; one that is busy again and again waits longer, and does less in between.
struct Strain {
  /// Stops at one instant, that instant, and how often in a row they were too many.
  private var stops = (count: 0, at: Instant.zero, excesses: 0, until: Instant.zero)
  /// How often in a row a thread computed for too long, and the end of the last wait for that.
  private var computations = (count: 0, until: Instant.zero)

  /// The number of stops of a node at one instant after which its threads wait, at first and at least.
  private static let stopLimit = 100_000
  private static let leastStopLimit = 250

  /// Counts a stop. Returns how long the thread waits because the node has made too many at this instant; nil if it has
  /// not.
  mutating func countStop(at now: Instant) -> Duration? {
    if stops.at != now { (stops.count, stops.at) = (0, now) }
    stops.count += 1
    if stops.excesses > 0, now > stops.until + .seconds(1) { stops.excesses = 0 }
    guard stops.count > max(Self.leastStopLimit, Self.stopLimit >> stops.excesses) else { return nil }
    // 1 ms to 64 ms.
    let pause = Duration.milliseconds(1 << min(stops.excesses, 6))
    if stops.until <= now { stops.excesses = min(stops.excesses + 1, 20) }
    stops.until = max(stops.until, now + pause)
    return pause
  }

  /// The processor time without a stop after which a thread of the node is stopped.
  func computationLimit(at now: Instant) -> Duration {
    let before = isComputing(now) ? computations.count : 0
    return .milliseconds(before < 4 ? 500 : max(20, 500 >> (before - 3)))
  }

  /// Counts a computation that was stopped. Returns how long the thread waits.
  mutating func countComputation(at now: Instant) -> Duration {
    computations.count = isComputing(now) ? min(computations.count + 1, 32) : 1
    let pause = Duration.milliseconds(500 * min(4, 1 + computations.count / 8))
    computations.until = max(computations.until, now + pause)
    return pause
  }

  private func isComputing(_ now: Instant) -> Bool {
    computations.count > 0 && now <= computations.until + .seconds(1)
  }

  /// How long a thread waits that has waited in the kernel so often in a row: 1 ms to 256 ms.
  static func pause(afterWaits count: Int) -> Duration { .milliseconds(1 << min(count, 8)) }
}
