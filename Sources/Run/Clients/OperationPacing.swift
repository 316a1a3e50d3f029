import EddyNode
import EddyTiming

/// When operations are invoked: staggered, as Jepsen's generator does it.
///
/// An interval is drawn uniformly from 0 to twice the mean, and counts from when the operation before was
/// due. So a driver that is a little late makes up for it; the time for which no worker was free is not
/// made up for (``postpone(to:)``).
struct OperationPacing {
  /// A century: to that, instants can be added.
  private static let longestInterval = 3e18

  /// When the next operation is, or was, due.
  private(set) var due: Instant
  /// Operations per second.
  private let rate: Double
  /// What was cut off the last interval, in nanoseconds.
  private var remainder = 0.0

  init(rate: Double, start: Instant) {
    self.rate = rate
    due = start
  }

  /// Goes on to the next operation. Intervals are whole nanoseconds; what is cut off one is added to the
  /// next, so that the mean is as it was asked for.
  mutating func advance(_ random: inout SeededGenerator) {
    let exact = min(random.unit() * 2e9 / rate + remainder, Self.longestInterval)
    let whole = exact.rounded(.down)
    remainder = exact - whole
    due += .nanoseconds(Int(whole))
  }

  mutating func postpone(to now: Instant) { due = max(due, now) }
}
