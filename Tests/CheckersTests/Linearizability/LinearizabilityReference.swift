@testable import EddyCheckers

/// Linearizability by its definition: tries every order of the operations that agrees with real time, with and
/// without each operation of unknown outcome. Exponential.
enum LinearizabilityReference {
  static func isLinearizable(_ trace: RegisterTrace) -> Bool {
    precondition(trace.operations.count < 64)
    let definite = trace.operations.indices.filter { trace.operations[$0].isDefinite }
    return canComplete(trace.operations, taken: 0, value: trace.initial, missing: Set(definite))
  }

  private static func canComplete(
    _ operations: [RegisterOperation], taken: UInt64, value: Int32, missing: Set<Int>
  ) -> Bool {
    if missing.isEmpty { return true }
    // Any order: one success decides.
    let firstCompletion = missing.map { operations[$0].completion }.min() ?? .max
    for (index, operation) in operations.enumerated() where taken & (1 << UInt64(index)) == 0 {
      // What completed before this one was invoked comes before it.
      guard operation.invocation < firstCompletion, let next = operation.value(after: value) else { continue }
      var rest = missing
      rest.remove(index)
      if canComplete(operations, taken: taken | (1 << UInt64(index)), value: next, missing: rest) {
        return true
      }
    }
    return false
  }

  /// Whether an order of some operations is a linearization: all that took effect are in it, once, nothing
  /// precedes what completed before its invocation, and each finds the value that it needs.
  static func isLinearization(_ order: [Int], of trace: RegisterTrace) -> Bool {
    let definite = trace.operations.indices.filter { trace.operations[$0].isDefinite }
    return Set(order).isSuperset(of: definite) && isLegal(order, of: trace)
  }

  /// Whether an order of some operations has none twice, agrees with real time, and gives each the value that
  /// it needs.
  static func isLegal(_ order: [Int], of trace: RegisterTrace) -> Bool {
    guard Set(order).count == order.count else { return false }
    var value = trace.initial
    var latestInvocation = Int32(-1)
    for index in order {
      let operation = trace.operations[index]
      guard operation.completion > latestInvocation, let next = operation.value(after: value) else {
        return false
      }
      latestInvocation = max(latestInvocation, operation.invocation)
      value = next
    }
    return true
  }
}

extension RegisterOperation {
  /// The register's value after the operation; nil if it cannot take effect when it has the value before.
  fileprivate func value(after value: Int32) -> Int32? {
    switch function {
    case .read: value == expected ? value : nil
    case .write: written
    case .cas: value == expected ? written : nil
    }
  }
}
