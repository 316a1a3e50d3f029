/// A point in time on a clock that a driver reads.
///
/// Nanoseconds since the clock's origin: the kernel's monotonic clock under the event loop, virtual time in
/// a simulation. Only drivers read a clock; everything else is handed an `Instant`.
public struct Instant: InstantProtocol, CustomStringConvertible {
  public typealias Duration = Swift.Duration

  /// Nanoseconds since the clock's origin.
  public var nanoseconds: Int

  /// The instant this many nanoseconds after the clock's origin.
  @inlinable
  public init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

  /// The clock's origin.
  public static let zero = Instant(nanoseconds: 0)

  @inlinable
  public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The instant that is later by `duration`, or earlier if that is negative. Traps more than 292 years
  /// from the origin.
  @inlinable
  public func advanced(by duration: Duration) -> Instant {
    Instant(nanoseconds: nanoseconds + duration.nanoseconds)
  }

  /// How much later `other` is than this instant.
  @inlinable
  public func duration(to other: Instant) -> Duration { .nanoseconds(other.nanoseconds - nanoseconds) }

  /// A later instant.
  @inlinable
  public static func + (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: duration) }

  /// An earlier instant.
  @inlinable
  public static func - (instant: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: instant.nanoseconds - duration.nanoseconds)
  }

  /// How much later one instant is than another.
  @inlinable
  public static func - (later: Instant, earlier: Instant) -> Duration { earlier.duration(to: later) }

  /// Moves an instant to a later one.
  @inlinable
  public static func += (instant: inout Instant, duration: Duration) { instant = instant + duration }

  /// The earlier of two deadlines, either of which may be missing.
  @inlinable
  public static func earliest(_ a: Instant?, _ b: Instant?) -> Instant? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
  }

  /// Milliseconds since the origin with three decimals, such as `1234.567 ms`.
  public var description: String { "\((nanoseconds / 1000).inThousandths) ms" }
}

extension Int {
  /// This number of thousandths in decimal, such as `-1.204`.
  package var inThousandths: String {
    let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: 1000)
    let fraction = String(rest)
    return "\(self < 0 ? "-" : "")\(whole).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }
}

extension Duration {
  /// The whole duration in nanoseconds, rounded towards zero.
  @inlinable
  package var nanoseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  /// The whole duration in milliseconds, rounded up: a wait that is rounded down ends too soon.
  package var millisecondsRoundedUp: Int { (nanoseconds + 999_999) / 1_000_000 }

  /// The whole duration in milliseconds.
  @inlinable
  package var milliseconds: Double { Double(nanoseconds) / 1e6 }
}
