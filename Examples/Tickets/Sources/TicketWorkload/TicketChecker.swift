public import EddyWorkbench

/// Demands that every ticket is larger than all that had been given when it was asked for, which also rules
/// out that one is given twice in succession; tickets asked for at the same time must only differ.
public struct TicketChecker: Checker {
  public init() {}

  public func check(_ history: History) -> CheckResult {
    /// The ticket with the largest number so far, and the operation that got it.
    var largest: Grant?
    /// For each open operation, `largest` when it was invoked.
    var floors: [Int: Grant] = [:]
    var grants: [Int: Grant] = [:]
    var (duplicates, inversions): ([Anomaly.Example], [Anomaly.Example]) = ([], [])
    for operation in history.clientOperations {
      if operation.kind == .invoke { floors[operation.index] = largest }
      guard let grant = Grant(operation), let invocation = history.invocation(of: operation) else { continue }
      if let other = grants.updateValue(grant, forKey: grant.ticket) {
        duplicates.append(
          .init("Ticket \(grant.ticket) was given twice.", operations: [other.operation, grant.operation]))
      } else if let floor = floors[invocation.index], floor.ticket > grant.ticket {
        inversions.append(
          .init(
            "Ticket \(grant.ticket) was given to a client that asked after ticket \(floor.ticket) was given.",
            operations: [floor.operation, grant.operation]))
      }
      if grant.ticket > largest?.ticket ?? 0 { largest = grant }
    }
    guard !grants.isEmpty else {
      return CheckResult(.unknown, reason: "Nobody got a ticket.")
    }
    let anomalies =
      anomaly("duplicate", duplicates, "Tickets were given twice.")
      + anomaly("out-of-order", inversions, "Tickets were given out of order.")
    return CheckResult(
      anomalies.isEmpty ? .valid : .invalid, details: ["ticket-count": JSONValue(grants.count)],
      anomalies: anomalies)
  }

  private func anomaly(_ name: String, _ examples: [Anomaly.Example], _ explanation: String) -> [Anomaly] {
    guard !examples.isEmpty else { return [] }
    return [Anomaly(name, count: examples.count, explanation, examples: Array(examples.prefix(3)))]
  }
}

/// A ticket that a client got.
private struct Grant {
  var ticket: Int
  /// The index of the completion.
  var operation: Int

  /// Nil if the operation is no successful completion.
  init?(_ operation: Operation) {
    guard operation.kind == .ok, case .integer(let ticket)? = operation.value?.decoded() else { return nil }
    self.ticket = ticket
    self.operation = operation.index
  }
}
