public import EddyHistory
public import EddyNode

/// The results of all checkers on one run, and the verdict that follows from them.
public struct Results: Sendable {
  /// Latencies.
  public private(set) var perf: CheckResult
  /// Always valid and empty: Maelstrom draws a page of operations here, which Eddy's report contains.
  private var timeline = CheckResult(.valid)
  /// Malformed replies.
  public private(set) var exceptions: CheckResult
  /// A sentence about malformed replies; nil if there were none.
  package let malformedReplies: String?
  /// Counts of outcomes.
  public private(set) var stats: CheckResult
  /// Whether enough operations succeeded.
  public private(set) var availability: CheckResult
  /// Whether every node answered after all faults had healed; nil if the history does not demand it.
  public private(set) var liveness: CheckResult?
  /// Message counts of the network.
  public private(set) var net: CheckResult
  /// Whether another run from the same seed gives the same; nil if nobody can know. It affects no verdict.
  package var reproducibility: JSONValue?
  /// The result of the workload's own checker.
  public private(set) var workload: CheckResult

  /// Runs all checkers on a history.
  ///
  /// - Parameters:
  ///   - history: The history of the run.
  ///   - net: The network's message counts, if known.
  ///   - availability: The demanded fraction of successful operations; nil for none.
  ///   - workload: The workload's own checker.
  public init(
    history: History, net: CheckResult = CheckResult(.valid), availability: Availability? = nil,
    workload: some Checker
  ) {
    perf = LatencyChecker().check(history)
    exceptions = MalformedRepliesChecker().check(history)
    malformedReplies = MalformedRepliesChecker.remark(on: history)
    stats = StatsChecker().check(history)
    self.availability = AvailabilityChecker(availability).check(history)
    liveness = LivenessChecker().check(history)
    self.net = net
    self.workload = workload.check(history)
  }

  /// The members of `results.json`, in its order.
  private var parts: [(name: String, path: any WritableKeyPath<Results, CheckResult> & Sendable)] {
    let optional: [(name: String, path: any WritableKeyPath<Results, CheckResult> & Sendable)] =
      liveness == nil ? [] : [("liveness", \.demandedLiveness)]
    return [
      ("perf", \.perf), ("timeline", \.timeline), ("exceptions", \.exceptions), ("stats", \.stats),
      ("availability", \.availability),
    ] + optional + [("net", \.net), ("workload", \.workload)]
  }

  /// ``liveness`` of a history that demands it.
  private var demandedLiveness: CheckResult {
    get { liveness! }
    set { liveness = newValue }
  }

  /// The worst verdict of all checkers.
  public var validity: Validity { .merge(parts.map { self[keyPath: $0.path].validity }) }

  /// The anomalies of all checkers, the workload's first.
  public var anomalies: [Anomaly] {
    workload.anomalies
      + parts.filter { $0.name != "workload" }.flatMap { self[keyPath: $0.path].anomalies }
  }

  /// The first reason that a checker gives for an unknown verdict; nil for other verdicts.
  var reason: String? {
    guard validity == .unknown else { return nil }
    return parts.lazy.compactMap { self[keyPath: $0.path].reason }.first
  }

  /// The same results with every example transformed.
  package func mapExamples(_ transform: (Anomaly.Example) -> Anomaly.Example) -> Results {
    var results = self
    for (_, path) in parts {
      for index in results[keyPath: path].anomalies.indices {
        let examples = results[keyPath: path].anomalies[index].examples
        results[keyPath: path].anomalies[index].examples = examples.map(transform)
      }
    }
    return results
  }

  /// Maelstrom's `results.edn` as JSON, with the same keys and meanings.
  public var json: JSONValue {
    var object = JSONObject()
    for (name, path) in parts { object[name] = self[keyPath: path].json }
    if let reproducibility { object["reproducible"] = reproducibility }
    object["valid?"] = validity.json
    return .object(object)
  }

  /// The text of `results.json`.
  public var text: String { json.prettyPrinted + "\n" }
}
