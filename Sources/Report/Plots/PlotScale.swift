import EddyNetwork
import EddyTiming

/// Maps values to positions on an axis, from 0 at its beginning to 1 at its end.
struct PlotScale {
  enum Kind { case linear, logarithmic }

  let kind: Kind
  let range: ClosedRange<Double>

  /// A linear scale from 0 to a round number that is at least `maximum`.
  static func linear(upTo maximum: Double) -> PlotScale {
    let maximum = maximum > 0 ? maximum : 1
    let step = roundStep(maximum / 4)
    return PlotScale(kind: .linear, range: 0...(maximum / step).rounded(.up) * step)
  }

  /// A logarithmic scale between powers of ten that include the range. Lower values are at the beginning.
  static func logarithmic(_ range: ClosedRange<Double>) -> PlotScale {
    precondition(range.lowerBound > 0, "a logarithmic scale has no zero")
    let low = power(range.lowerBound, .down)
    return PlotScale(kind: .logarithmic, range: low...max(low * 10, power(range.upperBound, .up)))
  }

  /// A scale for these values: logarithmic if the maximum is more than 20 times the median, else linear.
  static func fitting(_ values: some Sequence<Double>) -> PlotScale {
    let sorted = values.sorted()
    guard let maximum = sorted.last else { return .linear(upTo: 1) }
    let median = sorted[sorted.count / 2]
    guard median > 0, maximum > 20 * median, let least = sorted.first(where: { $0 > 0 }) else {
      return .linear(upTo: maximum)
    }
    return .logarithmic(max(least, maximum / 1e6)...maximum)
  }

  func position(_ value: Double) -> Double {
    switch kind {
    case .linear: return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      let value = max(value, range.lowerBound)
      return Double.log(value / range.lowerBound) / Double.log(range.upperBound / range.lowerBound)
    }
  }

  /// The values labelled on the axis.
  var ticks: [Double] {
    switch kind {
    case .linear:
      let step = Self.roundStep((range.upperBound - range.lowerBound) / 5)
      let first = (range.lowerBound / step).rounded(.up)
      let count = Int((range.upperBound / step + 1e-9).rounded(.down) - first)
      return (0...max(0, count)).map { (first + Double($0)) * step }
    case .logarithmic:
      var ticks: [Double] = []
      var tick = range.lowerBound
      while tick <= range.upperBound * 1.001 {
        ticks.append(tick)
        tick *= 10
      }
      return ticks
    }
  }

  /// The least of …, 0.5, 1, 2, 5, 10, 20, … that is at least `step`.
  static func roundStep(_ step: Double) -> Double {
    let base = power(step, .down)
    return [1, 2, 5].map { $0 * base }.first { $0 >= step * 0.999_999 } ?? 10 * base
  }

  /// The power of ten at or below, or at or above, a positive value.
  private static func power(_ value: Double, _ direction: FloatingPointRoundingRule) -> Double {
    var power = 1.0
    while power > value { power /= 10 }
    while power * 10 <= value { power *= 10 }
    return direction == .up && power < value ? power * 10 : power
  }
}
