public import EddyHistory
import EddyNode

/// Demands that every final read of a counter returns a possible sum.
///
/// A sum is possible if it is that of all acknowledged adds and of any subset of the adds whose outcome
/// is unknown. Serves counters with and without decrements. After Maelstrom's `workload/pn_counter.clj`,
/// but stricter: an add that failed did not happen (Maelstrom's clients treat every error as an unknown
/// outcome). The verdict is unknown if there is no add or no final read.
public struct CounterChecker: Checker {
  /// The function that adds.
  public var add: String
  /// The function that reads.
  public var read: String

  /// A checker for these functions.
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
    // A node that returns no integers may cause the other anomalies, so it comes first.
    let anomalies =
      Anomaly.group(
        "malformed-read", malformed, "\(malformed.count.grouped) final reads returned no integer.",
        explain: explainMalformed)
      + Anomaly.group(
        "wrong-sum", wrong,
        "\(wrong.count.grouped) of \(reads.count.grouped) final reads returned a wrong sum."
      ) { explainWrong($0, adds, acceptable) }
    let isKnown = !reads.isEmpty && adds.count > 0
    return CheckResult(
      !errors.isEmpty ? .invalid : isKnown ? .valid : .unknown, details: details, anomalies: anomalies,
      reason: reads.isEmpty
        ? "no final read succeeded, so the sum is unknown. See the reads in history.jsonl."
        : "nothing was added. Increase --rate or --time-limit.")
  }

  private func explainWrong(
    _ read: Operation, _ adds: Adds, _ acceptable: IntegerRanges
  ) -> Anomaly.Example {
    let unknown = adds.indefinite.count
    let rest = unknown == 0 ? "" : " and \(unknown) with unknown outcome"
    var example = Anomaly.Example(
      "The final read \(read.whereAndWhen) returned \(read.shortValue). With \(adds.definiteCount) "
        + "acknowledged adds that sum up to \(adds.definiteSum)\(rest), it must be \(acceptable)."
        + (read.integer.flatMap { adds.hint(at: $0) } ?? ""),
      operations: [read.index] + adds.indefinite.prefix(Anomaly.operationLimit).map(\.index))
    example.concernsWholeRun = true
    return example
  }

  private func explainMalformed(_ read: Operation) -> Anomaly.Example {
    Anomaly.Example(
      "The final read \(read.whereAndWhen) returned \(read.shortValue), which is not an integer.",
      operations: [read.index])
  }
}

/// A counter's adds by their outcome.
private struct Adds {
  private(set) var definiteSum: Int128 = 0
  private(set) var definiteCount = 0
  /// The invocations of adds with unknown outcome.
  private(set) var indefinite: [Operation] = []
  /// The invocations of adds that failed with a definite error.
  private(set) var failed: [Operation] = []

  var count: Int { definiteCount + indefinite.count + failed.count }

  init(_ history: History, function: String) {
    for add in history.clientOperations where add.function == function && add.kind == .invoke {
      switch history.completion(of: add)?.kind {
      case .ok:
        definiteSum += Int128(add.integer ?? 0)
        definiteCount += 1
      case .fail: failed.append(add)
      default: indefinite.append(add)
      }
    }
  }

  var acceptable: IntegerRanges {
    indefinite.reduce(into: IntegerRanges(definiteSum)) { $0.formUnion(shiftedBy: $1.integer ?? 0) }
  }

  /// A sentence for a wrong sum that is possible if failed adds were counted; nil for any other sum.
  func hint(at sum: Int) -> String? {
    guard !failed.isEmpty else { return nil }
    let lenient = failed.reduce(into: acceptable) { $0.formUnion(shiftedBy: $1.integer ?? 0) }
    guard lenient.contains(sum) else { return nil }
    return
      " The sum is possible if failed adds were counted, but a definite error means that the add did not "
      + "happen. \(failed.count.counted("add")) failed; the first is the \(failed[0].sentence)."
  }
}

extension Operation {
  fileprivate var integer: Int? {
    if case .integer(let integer)? = value?.decoded() { integer } else { nil }
  }
}
