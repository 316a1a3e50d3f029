import Node

/// Demands that every final read of a counter is a sum it may have come to.
///
/// That is the sum of all acknowledged adds and of any of those of which nobody knows whether they
/// happened. For counters that only grow and for those that also shrink; Maelstrom's
/// `workload/pn_counter.clj`. Without a final read nothing can be told.
public struct CounterChecker: Checker {
  /// The function that adds.
  public var add: String
  /// The function that reads.
  public var read: String

  /// A checker of these functions.
  public init(add: String = "add", read: String = "read") {
    self.add = add
    self.read = read
  }

  public func check(_ history: History) -> CheckResult {
    let adds = Adds(history, function: add)
    let acceptable = adds.acceptable
    let reads = history.clientOperations.filter {
      $0.function == read && $0.kind == .ok && ($0.isFinal || history.invocation(of: $0)?.isFinal == true)
    }
    let malformed = reads.filter { $0.integer == nil }
    let wrong = reads.filter { $0.integer.map { !acceptable.contains($0) } ?? false }
    let errors = (malformed + wrong).sorted { $0.index < $1.index }
    let details: JSONObject = [
      "errors": .array(
        errors.map { ["operation": JSONValue($0.index), "value": $0.value?.decoded() ?? .null] }),
      "final-reads": .array(reads.map { $0.value?.decoded() ?? .null }),
      "acceptable": acceptable.json,
    ]
    let anomalies =
      Anomaly.each("wrong-sum", wrong) { explainWrong($0, adds, acceptable) }
      + Anomaly.each("malformed-read", malformed, explain: explainMalformed)
    let validity: Validity = !errors.isEmpty ? .invalid : reads.isEmpty ? .unknown : .valid
    return CheckResult(validity, details: details, anomalies: anomalies)
  }

  private func explainWrong(_ read: Operation, _ adds: Adds, _ acceptable: IntegerRanges) -> Anomaly {
    let unknown = adds.indefinite.count
    let rest = unknown == 0 ? "" : " and \(unknown) more of which nobody knows"
    return Anomaly(
      "wrong-sum",
      "The final read \(read.whereAndWhen) returned \(read.shortValue). With \(adds.definiteCount) "
        + "acknowledged adds that sum up to \(adds.definiteSum)\(rest), it must be \(acceptable).",
      operations: [read.index] + adds.indefinite.prefix(Anomaly.operationLimit).map(\.index))
  }

  private func explainMalformed(_ read: Operation) -> Anomaly {
    Anomaly(
      "malformed-read",
      "The final read \(read.whereAndWhen) returned \(read.shortValue), which is no integer.",
      operations: [read.index])
  }
}

/// A counter's adds by what is known of them.
private struct Adds {
  private(set) var definiteSum: Int64 = 0
  private(set) var definiteCount = 0
  /// The invocations of adds that may have happened or not.
  private(set) var indefinite: [Operation] = []

  init(_ history: History, function: String) {
    for add in history.clientOperations where add.function == function && add.kind == .invoke {
      switch history.completion(of: add)?.kind {
      case .ok:
        definiteSum += add.integer ?? 0
        definiteCount += 1
      case .fail: break
      default: indefinite.append(add)
      }
    }
  }

  var acceptable: IntegerRanges {
    indefinite.reduce(into: IntegerRanges(definiteSum)) { $0.formUnion(shiftedBy: $1.integer ?? 0) }
  }
}

extension Operation {
  fileprivate var integer: Int64? {
    if case .integer(let integer)? = value?.decoded() { integer } else { nil }
  }
}
