import Node

/// Counts how operations ended, in all and by function.
///
/// A function of which nothing ever succeeded makes the history invalid: whatever the other
/// checkers say of it rests on nothing. As in Jepsen's `stats`, with the exemption of its
/// `tests/kafka.clj`: the functions that exist in order to fail are counted and not judged.
public struct StatsChecker: Checker {
  /// The functions that need not ever succeed.
  public var exempt: [String]

  /// A checker that judges all functions but these.
  public init(exempt: [String] = ["crash", "debug-topic-partitions"]) { self.exempt = exempt }

  public func check(_ history: History) -> CheckResult {
    var all = Counts()
    var byFunction: [String: Counts] = [:]
    for operation in history.clientOperations where operation.kind != .invoke {
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
    let anomalies = functions.filter { $0.value.ok == 0 && !exempt.contains($0.key) }
      .map { function, counts in neverSucceeded(function, counts, history) }
    return CheckResult(anomalies.isEmpty ? .valid : .invalid, details: details, anomalies: anomalies)
  }

  private func neverSucceeded(_ function: String, _ counts: Counts, _ history: History) -> Anomaly {
    let completions = history.clientOperations.filter { $0.function == function && $0.kind != .invoke }
    let first = completions[0]
    let reason = first.error.map { ", because of \($0)" } ?? ""
    return Anomaly(
      "never-ok",
      "No `\(function)` ever succeeded: \(counts.fail) failed and \(counts.info) are indeterminate. "
        + "The first to end was that \(first.whereAndWhen)\(reason).",
      operations: completions.prefix(Anomaly.operationLimit).map(\.index))
  }

  private struct Counts {
    var ok = 0
    var fail = 0
    var info = 0

    mutating func add(_ completion: Operation) {
      switch completion.kind {
      case .ok: ok += 1
      case .fail: fail += 1
      case .info: info += 1
      case .invoke: break
      }
    }

    var json: JSONObject {
      [
        "count": JSONValue(ok + fail + info), "ok-count": JSONValue(ok), "fail-count": JSONValue(fail),
        "info-count": JSONValue(info),
      ]
    }
  }
}
