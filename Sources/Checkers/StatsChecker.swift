public import EddyHistory
import EddyNode

/// Counts how operations ended, in all and by function.
///
/// A function that was invoked and of which nothing ever succeeded makes the history invalid: whatever
/// the other checkers say of it rests on nothing. As in Jepsen's `stats`, with the exemption of its
/// `tests/kafka.clj`: the functions that exist in order to fail are counted and not judged. An
/// operation that never completed counts as `info`. A history without any operation is unknown, unlike
/// there: nothing was tested.
public struct StatsChecker: Checker {
  /// The functions that need not ever succeed.
  public var exempt: [String]

  /// A checker that judges all functions but these.
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
      anomalies: anomalies, reason: "no operation was invoked. A higher --rate or --time-limit helps.")
  }

  private func neverSucceeded(_ function: String, _ counts: Counts, _ history: History) -> Anomaly.Example {
    let ends = history.ends.filter { $0.function == function }
    let outcomes = [
      (counts.fail, "failed"), (ends.count { $0.isReplyMalformed }, "got a malformed reply"),
      (counts.info - ends.count { $0.isReplyMalformed }, "have an unknown outcome"),
    ]
    let told = outcomes.filter { $0.0 > 0 }.map { "\($0.0.grouped) \($0.1)" }.joined(separator: ", ")
    let first = ends[0]
    let reason = first.error.map { ", because of \($0)" } ?? ""
    return Anomaly.Example(
      "No `\(function)` ever succeeded: \(told). The first is that \(first.whereAndWhen)\(reason).",
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
  /// The last entry of each operation of a client: its completion, or its invocation if it never completed.
  fileprivate var ends: some Sequence<Operation> {
    clientOperations.filter { $0.kind != .invoke || completion(of: $0) == nil }
  }
}

extension Operation {
  /// Whether a reply came that the workload's protocol does not allow.
  var isReplyMalformed: Bool { error?.name == OperationError.malformedReply }
}

extension OperationError {
  /// The name of the error of an operation whose reply was not what the workload's protocol allows.
  static let malformedReply = "malformed-reply"

  /// Says what is wrong with a reply. The codec says it as a node would of a request, with a code, which
  /// nobody sent here.
  package init(malformedReply problem: any Error) {
    self.init(name: Self.malformedReply, text: (problem as? RPCError)?.text ?? "\(problem)")
  }
}
