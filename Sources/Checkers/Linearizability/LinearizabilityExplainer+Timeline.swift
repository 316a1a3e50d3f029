import EddyHistory
import EddyTiming

extension LinearizabilityExplainer {
  /// The operations that overlap the one without a place, those that were pending with them, and the last ones
  /// before, with the places that they have in a longest order.
  func timeline(_ failure: UnplaceableOperation, _ register: RegisterHistories.Register) -> RegisterTimeline {
    let operations = register.trace.operations
    let offender = operations[failure.operation]
    var places: [Int: Int] = [:]
    for (place, operation) in failure.order.enumerated() { places[operation] = place }
    // The last places, and what has none yet: it is pending, or of unknown outcome.
    let unplaced = operations.indices.filter {
      places[$0] == nil && operations[$0].invocation < offender.completion && $0 != failure.operation
    }.suffix(RegisterTimeline.barLimit / 3)
    let placed = failure.order.suffix(RegisterTimeline.barLimit - 1 - unplaced.count)
    let shown = (placed + unplaced + [failure.operation]).sorted()
    let omitted = failure.order.count - placed.count
    let values = self.values(along: failure.order, register)
    let bars = shown.map { index in
      bar(
        operations[index], place: places[index].map { $0 - omitted + 1 },
        value: places[index].map { values[$0] })
    }
    return RegisterTimeline(
      name: name(of: register), bars: bars, offender: shown.firstIndex(of: failure.operation) ?? 0,
      needed: histories.text(offender.expected),
      initialValue: omitted > 0 ? values[omitted - 1] : histories.text(register.trace.initial),
      omittedCount: omitted)
  }

  /// The register's value after each operation of an order.
  private func values(along order: [Int], _ register: RegisterHistories.Register) -> [String] {
    var value = register.trace.initial
    return order.map { index in
      let operation = register.trace.operations[index]
      if operation.function != .read { value = operation.written }
      return histories.text(value)
    }
  }

  private func bar(_ operation: RegisterOperation, place: Int?, value: String?) -> RegisterTimeline.Bar {
    let invocation = history.operations[Int(operation.invocation)]
    let completion = operation.isDefinite ? history.operations[Int(operation.completion)] : nil
    let label =
      switch operation.function {
      case .read: "r \(histories.text(operation.expected))"
      case .write: "w \(histories.text(operation.written))"
      case .cas: "\(histories.text(operation.expected))→\(histories.text(operation.written))"
      }
    var process = 0
    if case .client(let number) = invocation.process { process = number }
    return RegisterTimeline.Bar(
      process: process, node: invocation.node, invocation: invocation.index, completion: completion?.index,
      start: invocation.time, end: completion?.time, label: label, place: place, value: value)
  }
}
