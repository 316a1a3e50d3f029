/// An operation on one register that can matter to its linearizability: one that took effect, or may have.
///
/// Values are interned: equal numbers are equal values.
struct RegisterOperation: Equatable {
  enum Function: UInt8 {
    case read
    case write
    case cas
  }

  var function: Function
  /// The value that the register must have: the one read, or the one that a compare-and-set compares with.
  /// Any, ``anyValue``, for a write.
  var expected: Int32
  /// The value that the register has afterwards; ``anyValue`` for a read, which changes nothing.
  var written: Int32
  /// The index of the invocation in the history.
  var invocation: Int32
  /// The index of the completion in the history; ``never`` if the outcome is unknown.
  var completion: Int32

  static let anyValue: Int32 = -1
  static let never = Int32.max

  static func read(_ value: Int32, _ invocation: Int32, _ completion: Int32) -> RegisterOperation {
    .init(
      function: .read, expected: value, written: anyValue, invocation: invocation, completion: completion)
  }

  static func write(_ value: Int32, _ invocation: Int32, _ completion: Int32) -> RegisterOperation {
    .init(
      function: .write, expected: anyValue, written: value, invocation: invocation, completion: completion)
  }

  static func cas(
    _ expected: Int32, _ written: Int32, _ invocation: Int32, _ completion: Int32
  ) -> RegisterOperation {
    .init(
      function: .cas, expected: expected, written: written, invocation: invocation, completion: completion)
  }

  /// Whether it is known to have taken effect, between its invocation and its completion. Otherwise it took
  /// effect at any time after its invocation, or never.
  var isDefinite: Bool { completion != Self.never }

  /// Whether it leaves the register as it found it: a read, or a compare-and-set to the same value.
  var changesNothing: Bool { function == .read || (function == .cas && expected == written) }

  /// Whether it needs the register to have a certain value.
  var observes: Bool { function != .write }
}
