import Timing

/// A hybrid logical clock: later than everything this node has seen, and near the time.
///
/// Kulkarni et al., "Logical physical clocks", 2014, with both parts in one number: microseconds, each
/// reading at least one greater than the one before. It goes ahead of time only while somebody's
/// clock does, or while more than a million readings a second are taken.
struct HybridClock {
  private(set) var latest = 0

  /// A reading greater than all that were taken or observed.
  mutating func tick(at now: Instant) -> Int {
    latest = max(latest + 1, Int(now.nanoseconds / 1000))
    return latest
  }

  /// Takes note of a reading of another clock.
  mutating func observe(_ reading: Int) { latest = max(latest, reading) }
}
