import EddyHistory
import EddyNode

/// Explains why a register's operations cannot be ordered, in sentences.
struct LinearizabilityExplainer {
  let history: History
  let histories: RegisterHistories

  init(_ history: History, _ histories: RegisterHistories) {
    self.history = history
    self.histories = histories
  }

  /// The operation that has no place, the values that were possible, and what became of the one it needs.
  func explain(_ failure: UnplaceableOperation, _ register: RegisterHistories.Register) -> Anomaly.Example {
    let operation = register.trace.operations[failure.operation]
    let needed = histories.text(operation.expected)
    let claim =
      history.operations[Int(operation.completion)].foundNoKey
      ? "found no such key"
      : operation.function == .read
        ? "returned \(needed)" : "from \(needed) to \(histories.text(operation.written)) succeeded"
    let noun = operation.function == .read ? "read" : "compare-and-set"
    let name = name(of: register)
    let origin = origin(of: operation.expected, failure, register)
    var example = Anomaly.Example(
      "The \(noun) of \(name) \(claim), invoked \(whereAndWhen(operation.invocation)), completed "
        + "at \(history.operations[Int(operation.completion)].whenAndIndex): it has no place in any order of the "
        + "operations. \(orders(without: failure, of: name)) \(origin.sentence)",
      operations: [Int(operation.completion), Int(operation.invocation)] + origin.operations)
    example.figure = .registerTimeline(timeline(failure, register))
    return example
  }

  /// What the register's value can be instead of the one that an operation needs.
  private func orders(without failure: UnplaceableOperation, of name: String) -> String {
    if failure.isOrderPartial {
      return "There are too many orders of the operations before it to find one that has them all."
    }
    let values = failure.values.map(histories.text).enumerated(limit: 8, conjunction: "or")
    return
      "Every order without it leaves \(name) at \(values)\(failure.areValuesIncomplete ? ", or another value," : "") "
      + "when it completes, and it fits nowhere within one."
  }

  func name(of register: RegisterHistories.Register) -> String {
    histories.arguments.isKeyed ? "key \(histories.text(register.key))" : "the register"
  }

  private func whereAndWhen(_ entry: Int32) -> String { history.operations[Int(entry)].whereAndWhen }

  /// The entry of the history that tells most of an operation: its completion, or else its invocation.
  private func entry(_ operation: RegisterOperation) -> Int {
    Int(operation.isDefinite ? operation.completion : operation.invocation)
  }

  private func sentence(_ operation: RegisterOperation) -> String {
    let outcome = operation.isDefinite ? "" : ", of unknown outcome"
    let argument =
      operation.function == .cas
      ? "from \(histories.text(operation.expected)) to \(histories.text(operation.written))"
      : "of \(histories.text(operation.written))"
    return "`\(operation.function)` \(argument) \(whereAndWhen(Int32(entry(operation))))\(outcome)"
  }

  // MARK: Where a value came from, and where it went

  /// What became of the value that an operation needs.
  private func origin(
    of value: Int32, _ failure: UnplaceableOperation, _ register: RegisterHistories.Register
  ) -> (sentence: String, operations: [Int]) {
    let operations = register.trace.operations
    let order = failure.order.map { operations[$0] }.filter { !$0.changesNothing }
    let name = name(of: register)
    let longest = failure.isOrderPartial ? "In the longest order found" : "In a longest order"
    if let last = order.lastIndex(where: { $0.written == value }) {
      let next = order[(last + 1)...].first { $0.written != value }
      let replaced = next.map { ", and replaced by the \(sentence($0))" } ?? ""
      return (
        "\(longest), \(histories.text(value)) was last written by the \(sentence(order[last]))\(replaced).",
        [entry(order[last])] + (next.map { [entry($0)] } ?? [])
      )
    }
    if value == register.trace.initial {
      guard let first = order.first(where: { $0.written != value }) else {
        return ("\(name.capitalizedFirst) had no other value before.", [])
      }
      return (
        "\(name.capitalizedFirst) was that only before the first operation that wrote to it, the \(sentence(first)).",
        [entry(first)]
      )
    }
    if let other = operations.first(where: { $0.written == value }) {
      return (
        "The only operations that write it have no place before, such as the \(sentence(other)).",
        [entry(other)]
      )
    }
    return neverWritten(value, register)
  }

  /// About a value that no operation wrote that took effect, or may have.
  private func neverWritten(
    _ value: Int32, _ register: RegisterHistories.Register
  ) -> (sentence: String, operations: [Int]) {
    var arguments = histories.arguments
    let failed = history.operations.first { entry in
      guard entry.kind == .fail, ["write", "cas"].contains(entry.function),
        let invocation = history.invocation(of: entry),
        let parts = arguments.parts(of: invocation.value, isPair: entry.function == "cas")
      else { return false }
      return parts.key == register.key && (entry.function == "cas" ? parts.second : parts.first) == value
    }
    if let failed {
      let reason = failed.error.map { " because of \($0)" } ?? ""
      return (
        "Only operations that failed tried to write \(histories.text(value)), such as the "
          + "`\(failed.function)` \(failed.whereAndWhen)\(reason).", [failed.index]
      )
    }
    let spelled = spelledOut(value, register)
    return ("No operation ever tried to write it\(spelled).", [])
  }

  /// The end of a sentence about a string that is the text of a value written, as a node returns it that encodes
  /// numbers as strings; empty for any other value.
  private func spelledOut(_ value: Int32, _ register: RegisterHistories.Register) -> String {
    var arguments = histories.arguments
    guard case .string(let text) = arguments.values.value(value).decoded(),
      let spelled = try? RawJSON(parsing: text),
      case let id = arguments.values.id(of: spelled),
      register.trace.operations.contains(where: { $0.written == id })
    else { return "" }
    return ": it is a string, and the value written is \(spelled.excerpt)"
  }

  // MARK: Other findings

  /// Acknowledged operations whose value has another form than the protocol's.
  func explain(malformed: [Int]) -> [Anomaly] {
    Anomaly.group(
      "malformed-value", malformed,
      "\(malformed.count.grouped) operations completed with a value that is not [key, value]."
    ) { index in
      let completion = history.operations[index]
      return Anomaly.Example(
        "The value of the \(completion.sentence) is not [key, value], or [key, [from, to]] for a cas.",
        operations: [index])
    }
  }

  /// Why the verdict is unknown.
  func reason(undecided: [RegisterHistories.Register], _ limit: Int) -> String {
    guard let first = undecided.first else {
      return "no operation took effect. Increase --rate or --time-limit."
    }
    let others = undecided.count > 1 ? " and \((undecided.count - 1).counted("other key"))" : ""
    let indefinite = first.trace.operations.count { !$0.isDefinite }
    return
      "\(name(of: first))\(others) has more than \(limit.grouped) possible states, too many to try all orders of its "
      + "\(first.trace.operations.count.counted("operation")), \(indefinite.grouped) of which have an unknown outcome. "
      + "Fewer clients per key, or fewer operations that time out, make it decidable."
  }
}

extension Operation {
  /// Time and index, such as "1.204 s (operation 17)".
  fileprivate var whenAndIndex: String { "\(time.seconds) (operation \(index))" }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
