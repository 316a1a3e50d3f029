public import EddyHistory
import EddyNode

/// Counts operations by outcome, in total and by function.
///
/// A function that was invoked but never succeeded makes the history invalid, because the other checkers
/// have nothing to judge. An operation that never completed counts as `info`. After Jepsen's `stats`, with
/// the exemption of its `tests/kafka.clj`: functions that are meant to fail are counted, not judged.
/// Unlike Jepsen's, a history without operations is unknown: nothing was tested.
public struct StatsChecker: Checker {
  /// The functions that may never succeed.
  public var exempt: [String]

  /// A checker for all functions except these.
  public init(exempt: [String] = ["crash", "debug-topic-partitions"]) { self.exempt = exempt }

  public func check(_ history: History) -> CheckResult {
    var all = Counts()
    var byFunction: [String: Counts] = [:]
    for operation in history.ends {
      all.add(operation)
      byFunction[operation.function, default: Counts()].add(operation)
    }
    let functions = byFunction.sorted { $0.key < $1.key }
    var details = all.json
    details["by-f"] = .object(
      functions.reduce(into: JSONObject()) { object, entry in
        var counts = entry.value.json
        counts["valid?"] = .bool(entry.value.ok > 0)
        object[entry.key] = .object(counts)
      })
    let failed = functions.filter { $0.value.ok == 0 && !exempt.contains($0.key) }
    let anomalies = Anomaly.group(
      "never-ok", failed,
      "No \(failed.map { "`\($0.key)`" }.joined(separator: ", no ")) ever succeeded."
    ) { function, counts in neverSucceeded(function, counts, history) }
    return CheckResult(
      !anomalies.isEmpty ? .invalid : functions.isEmpty ? .unknown : .valid, details: details,
      anomalies: anomalies, reason: "no operation was invoked. Increase --rate or --time-limit.")
  }

  private func neverSucceeded(_ function: String, _ counts: Counts, _ history: History) -> Anomaly.Example {
    let ends = history.ends.filter { $0.function == function }
    let outcomes = [
      (counts.fail, "failed"), (ends.count { $0.isReplyMalformed }, "got a malformed reply"),
      (counts.info - ends.count { $0.isReplyMalformed }, "have an unknown outcome"),
    ]
    let summary = outcomes.filter { $0.0 > 0 }.map { "\($0.0.grouped) \($0.1)" }.joined(separator: ", ")
    let first = ends[0]
    let reason = first.error.map { ", because of \($0)" } ?? ""
    return Anomaly.Example(
      "No `\(function)` ever succeeded: \(summary). The first is that \(first.whereAndWhen)\(reason).",
      operations: ends.prefix(Anomaly.operationLimit).map(\.index))
  }

  private struct Counts {
    var ok = 0
    var fail = 0
    var info = 0

    mutating func add(_ end: Operation) {
      switch end.kind {
      case .ok: ok += 1
      case .fail: fail += 1
      case .info, .invoke: info += 1
      }
    }

    package var json: JSONObject {
      [
        "count": JSONValue(ok + fail + info), "ok-count": JSONValue(ok), "fail-count": JSONValue(fail),
        "info-count": JSONValue(info),
      ]
    }
  }
}

extension History {
  /// The last entry of each client operation: its completion, or its invocation if it never completed.
  fileprivate var ends: some Sequence<Operation> {
    clientOperations.filter { $0.kind != .invoke || completion(of: $0) == nil }
  }
}

extension Operation {
  /// Whether the reply violated the workload's protocol, as Eddy or Maelstrom recorded it.
  var isReplyMalformed: Bool {
    guard let error else { return false }
    return error.name == OperationError.malformedReply
      || error.name == "indeterminate" && error.text?.hasPrefix("Malformed RPC response") == true
  }
}

extension OperationError {
  /// The name of the error of an operation whose reply violated the workload's protocol.
  static let malformedReply = "malformed-reply"

  /// An error with the defect of a reply. The codec reports it as an RPC error; only its text is kept,
  /// because no node sent the code.
  package init(malformedReply problem: any Error) {
    self.init(name: Self.malformedReply, text: (problem as? RPCError)?.text ?? "\(problem)")
  }
}
