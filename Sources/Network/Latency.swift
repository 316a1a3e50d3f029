public import EddyNode

/// The latency of messages between nodes; Maelstrom's `--latency` and `--latency-dist`.
public struct Latency: Sendable, Equatable {
  /// The shape of the distribution around its mean.
  public enum Distribution: String, Sendable, CaseIterable {
    /// Always the mean.
    case constant
    /// Whole milliseconds in 0 ..< 2 · mean, uniformly distributed.
    case uniform
    /// Exponentially distributed, rounded down to whole milliseconds.
    case exponential
  }

  /// The mean latency in milliseconds.
  public var mean: Double
  /// The distribution of latencies around the mean.
  public var distribution: Distribution

  /// Creates a distribution.
  ///
  /// - Parameters:
  ///   - mean: The mean in milliseconds; not negative.
  ///   - distribution: How latencies vary around the mean; constant by default.
  public init(mean: Double, distribution: Distribution = .constant) {
    precondition(mean >= 0, "latency cannot be negative")
    self.mean = mean
    self.distribution = distribution
  }

  /// Draws the latency of one message.
  ///
  /// Random latencies are whole milliseconds, as in Maelstrom's network.
  public func draw(_ random: inout SeededGenerator) -> Duration {
    switch distribution {
    case .constant: .nanoseconds(Int(mean * 1e6))
    case .uniform: .milliseconds(mean < 0.5 ? 0 : random.below(Int((2 * mean).rounded())))
    case .exponential: .milliseconds(Int(-mean * Double.log(1 - random.unit())))
    }
  }
}

extension Double {
  /// The natural logarithm of `x` in (0, 1], computed without the C library so that every
  /// machine draws the same latencies.
  ///
  /// x = m · 2ᵉ with m in [√½, √2), and ln m = 2 artanh((m − 1)/(m + 1)) by its series, exact
  /// to about 15 digits.
  package static func log(_ x: Double) -> Double {
    precondition(x > 0, "the logarithm needs a positive number")
    var mantissa = x.significand
    var exponent = Double(x.exponent)
    if mantissa > 2.0.squareRoot() {
      mantissa /= 2
      exponent += 1
    }
    let ratio = (mantissa - 1) / (mantissa + 1)
    let square = ratio * ratio
    var (sum, power, term) = (0.0, ratio, 1.0)
    while abs(power) / term > 1e-18 {
      sum += power / term
      power *= square
      term += 2
    }
    return exponent * 0.693_147_180_559_945_3 + 2 * sum
  }
}
