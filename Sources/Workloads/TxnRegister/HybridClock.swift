import EddyTiming

/// A hybrid logical clock: later than everything this node has seen and, among nodes of one host, close to the
/// physical time.
///
/// Kulkarni et al., "Logical physical clocks", 2014, with both parts in one number: microseconds, each
/// reading greater than the one before. It is ahead of the time only while some node's clock is, or while more
/// than a million readings a second are taken.
///
/// The time is the driver's, which for a daemon is the uptime of its host. On several hosts readings follow the
/// host that has been up for longest: its writes win against concurrent writes of nodes that have not heard of
/// them yet. This order is as good as any, because what was read before is earlier in any case. But "the last
/// write wins" is then no statement about wall clocks.
struct HybridClock {
  private(set) var latest = 0

  /// A reading greater than all that were taken or observed; nil if ``TransactionStamp/times`` has none, after a
  /// peer's reading that no clock reaches.
  mutating func tick(at now: Instant) -> Int? {
    let reading = max(latest + 1, Int(now.nanoseconds / 1000))
    guard TransactionStamp.times.contains(reading) else { return nil }
    latest = reading
    return reading
  }

  /// Takes note of a reading of another clock, one of ``TransactionStamp/times``.
  mutating func observe(_ reading: Int) { latest = max(latest, reading) }
}
