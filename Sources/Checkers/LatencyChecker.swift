public import EddyHistory
import EddyNode
import EddyTiming

/// Reports latencies from invocation to completion; always valid.
///
/// For each function and outcome: the count, and quantiles in milliseconds. Operations that never
/// completed are omitted.
public struct LatencyChecker: Checker {
  /// A checker for all functions.
  public init() {}

  public func check(_ history: History) -> CheckResult {
    let byFunction = Dictionary(
      grouping: history.clientOperations.filter { $0.kind != .invoke }, by: \.function)
    var latencies = JSONObject()
    for (function, completions) in byFunction.sorted(by: { $0.key < $1.key }) {
      latencies[function] = outcomes(of: completions, history)
    }
    return CheckResult(.valid, details: ["latencies": .object(latencies)])
  }

  private func outcomes(of completions: [Operation], _ history: History) -> JSONValue {
    var object = JSONObject()
    for kind in [Operation.Kind.ok, .fail, .info] {
      let latencies = completions.filter { $0.kind == kind }.compactMap { history.latency(of: $0) }
      guard let quantiles = Quantiles(latencies) else { continue }
      object[kind.rawValue] = [
        "count": JSONValue(latencies.count),
        "quantiles": quantiles.json { JSONValue($0.milliseconds) },
      ]
    }
    return .object(object)
  }
}

extension History {
  /// The time from the invocation to this completion; nil if the completion has no invocation.
  package func latency(of completion: Operation) -> Duration? {
    invocation(of: completion).map { completion.time - $0.time }
  }
}
