import EddyTiming

/// A point on some node's clock, in microseconds: how messages give times.
///
/// Nodes' clocks are not synchronized. Two stamps are compared only if one node has made both.
struct Timestamp: Hashable, Comparable {
  var microseconds: Int

  static let zero = Timestamp(microseconds: 0)

  init(microseconds: Int) { self.microseconds = microseconds }

  /// The microsecond in which an instant of this node's clock lies.
  init(_ instant: Instant) { microseconds = instant.nanoseconds / 1000 }

  /// The instant of this node's clock at which the microsecond begins.
  var instant: Instant { Instant(nanoseconds: microseconds * 1000) }

  static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  static func + (stamp: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(microseconds: stamp.microseconds + duration.nanoseconds / 1000)
  }
}
