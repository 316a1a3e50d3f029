/// The difference of a node's clock from virtual time.
public struct SkewedClock: Sendable, Equatable {
  /// The clock's reading at virtual time zero.
  public var offset: Duration
  /// The clock's deviation in speed, in parts per million; positive if it is fast.
  public var drift: Int

  /// A clock that shows virtual time, unless it has an offset or a drift.
  public init(offset: Duration = .zero, drift: Int = 0) {
    self.offset = offset
    self.drift = drift
  }

  /// The latest virtual instant, in nanoseconds: no run lasts longer, and the clock's arithmetic does not
  /// overflow.
  private static let end = 0x1p62

  /// What the clock shows at a virtual instant.
  public func local(_ instant: Instant) -> Instant {
    Instant(nanoseconds: offset.nanoseconds + instant.nanoseconds + instant.nanoseconds / 1_000_000 * drift)
  }

  /// The first virtual instant at which the clock shows at least `local`.
  public func virtual(_ local: Instant) -> Instant {
    guard drift != 0 else { return local - offset }
    let elapsed = local.nanoseconds - offset.nanoseconds
    let exact = Double(elapsed) / (1 + Double(drift) / 1e6)
    guard exact < Self.end else { return Instant(nanoseconds: .max) }
    var virtual = Instant(nanoseconds: Int(exact))
    while self.local(virtual) < local { virtual.nanoseconds += 1_000 }
    return virtual
  }
}
