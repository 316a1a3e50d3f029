public import EddyHistory
public import EddyNode

/// Everything that is said of a run: the verdict of each checker, and of all together.
public struct Results: Sendable {
  /// How long operations took.
  public private(set) var perf: CheckResult
  /// Maelstrom's page of operations in time, which the page has here: always valid.
  private var timeline = CheckResult(.valid)
  /// Which replies made no sense.
  public private(set) var exceptions: CheckResult
  /// What is to be said of malformed replies, if there were any.
  package let malformedReplies: String?
  /// How operations ended.
  public private(set) var stats: CheckResult
  /// Whether enough of them succeeded.
  public private(set) var availability: CheckResult
  /// Whether every node answers once all faults have healed; nil if that was not asked for.
  public private(set) var liveness: CheckResult?
  /// What the network carried.
  public private(set) var net: CheckResult
  /// What the workload's own checker found.
  public private(set) var workload: CheckResult

  /// Judges a run by its history.
  ///
  /// - Parameters:
  ///   - history: What clients and the nemesis did.
  ///   - net: What its network counted, if that is known.
  ///   - availability: What fraction of operations must succeed; nil for none.
  ///   - workload: The workload's own checker.
  public init(
    history: History, net: CheckResult = CheckResult(.valid), availability: Availability? = nil,
    workload: some Checker
  ) {
    perf = LatencyChecker().check(history)
    exceptions = ExceptionsChecker().check(history)
    malformedReplies = ExceptionsChecker.remark(on: history)
    stats = StatsChecker().check(history)
    self.availability = AvailabilityChecker(availability).check(history)
    liveness = LivenessChecker().check(history)
    self.net = net
    self.workload = workload.check(history)
  }

  /// The parts under their names in `results.json`, in its order.
  private var parts: [(name: String, path: any WritableKeyPath<Results, CheckResult> & Sendable)] {
    let asked: [(name: String, path: any WritableKeyPath<Results, CheckResult> & Sendable)] =
      liveness == nil ? [] : [("liveness", \.livenessIfAsked)]
    return [
      ("perf", \.perf), ("timeline", \.timeline), ("exceptions", \.exceptions), ("stats", \.stats),
      ("availability", \.availability),
    ] + asked + [("net", \.net), ("workload", \.workload)]
  }

  /// ``liveness``, of a run that was asked for it.
  private var livenessIfAsked: CheckResult {
    get { liveness! }
    set { liveness = newValue }
  }

  /// The worst of the verdicts.
  public var validity: Validity { .merge(parts.map { self[keyPath: $0.path].validity }) }

  /// All that is wrong, the workload's anomalies first.
  public var anomalies: [Anomaly] {
    workload.anomalies
      + parts.filter { $0.name != "workload" }.flatMap { self[keyPath: $0.path].anomalies }
  }

  /// Why the verdict is unknown, if it is: the first reason that a part gives.
  var reason: String? {
    guard validity == .unknown else { return nil }
    return parts.lazy.compactMap { self[keyPath: $0.path].reason }.first
  }

  /// The same results, with each example of an anomaly replaced.
  package func mapExamples(_ transform: (Anomaly.Example) -> Anomaly.Example) -> Results {
    var results = self
    for (_, path) in parts {
      for place in results[keyPath: path].anomalies.indices {
        let examples = results[keyPath: path].anomalies[place].examples
        results[keyPath: path].anomalies[place].examples = examples.map(transform)
      }
    }
    return results
  }

  /// Maelstrom's `results.edn` as JSON: same keys, same meaning.
  public var json: JSONValue {
    var object = JSONObject()
    for (name, path) in parts { object[name] = self[keyPath: path].json }
    object["valid?"] = validity.json
    return .object(object)
  }

  /// The text of `results.json`.
  public var text: String { json.prettyPrinted + "\n" }
}
