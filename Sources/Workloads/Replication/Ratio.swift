/// A constant factor of durations, in whole numbers: the same result on every machine.
struct Ratio {
  let numerator: Int
  let denominator: Int

  init(_ numerator: Int, _ denominator: Int) {
    precondition(denominator > 0, "a ratio has a positive denominator")
    self.numerator = numerator
    self.denominator = denominator
  }

  /// What is left of the whole.
  var complement: Ratio { Ratio(denominator - numerator, denominator) }

  static func * (duration: Duration, ratio: Ratio) -> Duration {
    duration * ratio.numerator / ratio.denominator
  }
}
