/// The operations on one register, with the order of their invocations and completions.
///
/// Operations that failed are not among them: they did not happen. Reads of unknown outcome are not either:
/// they claim nothing. A read that failed because there was no such key has read the initial value.
struct RegisterTrace {
  /// An invocation, or the completion of an operation that took effect.
  struct Event: Equatable {
    private let code: Int32

    init(invocationOf operation: Int) { code = Int32(operation) << 1 }
    init(completionOf operation: Int) { code = Int32(operation) << 1 | 1 }

    /// The index in ``RegisterTrace/operations``.
    var operation: Int { Int(code >> 1) }
    var isCompletion: Bool { code & 1 == 1 }
  }

  /// In the order of their invocations.
  private(set) var operations: [RegisterOperation] = []
  /// In the order of the history.
  private(set) var events: [Event] = []
  /// The value before the first operation takes effect.
  let initial: Int32

  init(initial: Int32) { self.initial = initial }

  /// A trace of these operations, whose events are in the order of their positions in the history.
  init(_ operations: [RegisterOperation], initial: Int32) {
    self.init(initial: initial)
    var positions: [(position: Int32, event: Event)] = []
    for (index, operation) in operations.sorted(by: { $0.invocation < $1.invocation }).enumerated() {
      self.operations.append(operation)
      positions.append((operation.invocation, Event(invocationOf: index)))
      if operation.isDefinite { positions.append((operation.completion, Event(completionOf: index))) }
    }
    events = positions.sorted { $0.position < $1.position }.map(\.event)
  }

  /// Appends an invocation, which comes after all events so far, and returns the operation's index.
  mutating func invoke(_ operation: RegisterOperation) -> Int {
    events.append(Event(invocationOf: operations.count))
    operations.append(operation)
    return operations.count - 1
  }

  /// Appends the completion of an operation, which comes after all events so far.
  mutating func complete(_ operation: Int) { events.append(Event(completionOf: operation)) }

  /// The trace up to this position: what completes later is pending at its end.
  func prefix(_ position: Int) -> RegisterTrace {
    var prefix = self
    prefix.events.removeLast(events.count - position)
    return prefix
  }
}
