public import EddyTiming

/// A node's clocks: what they show at an instant of virtual time.
public struct NodeClock: Sendable {
  /// The monotonic clock's difference from virtual time.
  public var monotonic = SkewedClock()
  /// What the wall clock is ahead of the monotonic one, in nanoseconds.
  public var wall = NodeClock.defaultDate

  public init() {}

  /// 2026-01-01T00:00:00Z, in nanoseconds since 1970.
  public static let defaultDate = 1_767_225_600_000_000_000
}
