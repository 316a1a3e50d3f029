import EddyNode

/// The values at fixed points of a distribution: the least, the median, and how bad the worst are.
///
/// There is no interpolation: at the point p of n sorted values stands the one of rank ⌊n·p⌋, or
/// the last. Jepsen's `frequency-distribution` does the same, so figures can be compared.
public struct Quantiles<Value: Comparable & Sendable>: Equatable, Sendable {
  /// The least value.
  public let minimum: Value
  /// The value in the middle.
  public let median: Value
  /// The value that 95 % are no greater than.
  public let p95: Value
  /// The value that 99 % are no greater than.
  public let p99: Value
  /// The greatest value.
  public let maximum: Value

  // Inlinable, so that other modules' values are sorted by code of their own.

  /// The quantiles of some values, or nil if there are none. O(n log n).
  @inlinable
  public init?(_ values: some Sequence<Value>) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    func value(at point: Double) -> Value {
      sorted[min(sorted.count - 1, Int(Double(sorted.count) * point))]
    }
    (minimum, median, p95, p99, maximum) = (first, value(at: 0.5), value(at: 0.95), value(at: 0.99), last)
  }

  /// A map of points to values.
  func json(_ number: (Value) -> JSONValue) -> JSONValue {
    .object([
      "0": number(minimum), "0.5": number(median), "0.95": number(p95), "0.99": number(p99),
      "1": number(maximum),
    ])
  }
}
