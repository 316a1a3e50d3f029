/// Growing intervals between attempts that are not answered: each twice as long as the one before.
struct Backoff {
  /// After how many doublings an interval grows no more.
  private static let mostDoublings = 4

  /// How many attempts were made in vain.
  private var attempts = 0

  /// The time until the next attempt.
  ///
  /// - Parameters:
  ///   - timeout: The first interval.
  ///   - longest: The longest interval.
  mutating func next(timeout: Duration, longest: Duration) -> Duration {
    defer { attempts += 1 }
    return min(timeout * (1 << min(attempts, Self.mostDoublings)), longest)
  }

  mutating func reset() { attempts = 0 }
}
