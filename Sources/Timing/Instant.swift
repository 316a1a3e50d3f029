/// A point on a clock that someone else keeps.
///
/// Nanoseconds since an origin that only the clock's keeper knows: the kernel's monotonic
/// clock under the event loop, virtual time under the simulator. Nothing in Eddy but a
/// driver reads a clock; everything else is handed an `Instant`.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Nanoseconds since the clock's origin.
  public var nanoseconds: Int64

  /// The instant this long after the clock's origin.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The clock's origin.
  public static let zero = Instant(nanoseconds: 0)

  @inlinable
  public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// A later instant; traps on overflow, in three hundred years.
  @inlinable
  public static func + (instant: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: instant.nanoseconds + duration.nanoseconds)
  }

  /// An earlier instant.
  @inlinable
  public static func - (instant: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: instant.nanoseconds - duration.nanoseconds)
  }

  /// How much later one instant is than another.
  @inlinable
  public static func - (later: Instant, earlier: Instant) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }

  /// The earlier of two deadlines, of which either may be missing.
  @inlinable
  public static func earliest(_ a: Instant?, _ b: Instant?) -> Instant? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
  }

  /// Moves an instant on.
  @inlinable
  public static func += (instant: inout Instant, duration: Duration) { instant = instant + duration }

  /// Milliseconds since the origin with three decimals, such as `1234.567 ms`.
  public var description: String { "\((nanoseconds / 1000).inThousandths) ms" }
}

extension Int64 {
  /// The number as so many thousandths, such as `-1.204`.
  package var inThousandths: String {
    let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: 1000)
    let fraction = String(rest)
    return "\(self < 0 ? "-" : "")\(whole).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }
}

extension Duration {
  /// The whole duration in nanoseconds, rounded towards zero.
  @inlinable
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// The duration in milliseconds, rounded up: a wait rounded down would end too soon.
  package var millisecondsRoundedUp: Int64 { (nanoseconds + 999_999) / 1_000_000 }

  /// The whole duration in milliseconds.
  @inlinable
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }
}
