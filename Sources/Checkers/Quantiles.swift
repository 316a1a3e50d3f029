import EddyNode

/// The values at fixed points of a distribution: minimum, median, 95th and 99th percentile, maximum.
///
/// There is no interpolation: the value at the point p of n sorted values is the one of rank ⌊n·p⌋, or
/// the last. Jepsen's `frequency-distribution` does the same, so figures are comparable.
public struct Quantiles<Value: Comparable & Sendable>: Equatable, Sendable {
  /// The least value.
  public let minimum: Value
  /// The value of rank ⌊n/2⌋.
  public let median: Value
  /// The value of rank ⌊0.95·n⌋.
  public let p95: Value
  /// The value of rank ⌊0.99·n⌋.
  public let p99: Value
  /// The greatest value.
  public let maximum: Value

  // Inlinable, so that the sort is specialized for the values of other modules.

  /// The quantiles of the values; nil if there are none. O(n log n).
  @inlinable
  public init?(_ values: some Sequence<Value>) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    func value(at point: Double) -> Value {
      sorted[min(sorted.count - 1, Int(Double(sorted.count) * point))]
    }
    (minimum, median, p95, p99, maximum) = (first, value(at: 0.5), value(at: 0.95), value(at: 0.99), last)
  }

  /// An object from points to values, such as `{"0": 1, "0.5": 3, …}`.
  func json(_ number: (Value) -> JSONValue) -> JSONValue {
    .object([
      "0": number(minimum), "0.5": number(median), "0.95": number(p95), "0.99": number(p99),
      "1": number(maximum),
    ])
  }
}
