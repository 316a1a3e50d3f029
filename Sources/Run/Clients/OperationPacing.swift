import EddyNode
import EddyTiming

/// The schedule of operations: random intervals, as Jepsen's `stagger`.
///
/// An interval is uniform from 0 to twice the mean and counts from the due time of the previous operation. A
/// driver that is slightly late thus catches up. Time during which no worker was free is not caught up
/// (``postpone(to:)``).
struct OperationPacing {
  /// A century, in nanoseconds. Adding it to an instant does not overflow.
  private static let longestInterval = 3e18

  /// The due time of the next operation.
  private(set) var due: Instant
  /// Operations per second.
  private let rate: Double
  /// The fraction cut off the last interval, in nanoseconds.
  private var remainder = 0.0

  init(rate: Double, start: Instant) {
    self.rate = rate
    due = start
  }

  /// Draws the next due time. Intervals are whole nanoseconds; the fraction cut off is added to the next one,
  /// so that the mean rate is exact.
  mutating func advance(_ random: inout SeededGenerator) {
    let exact = min(random.unit() * 2e9 / rate + remainder, Self.longestInterval)
    let whole = exact.rounded(.down)
    remainder = exact - whole
    due += .nanoseconds(Int(whole))
  }

  mutating func postpone(to now: Instant) { due = max(due, now) }
}
