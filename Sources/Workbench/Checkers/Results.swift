public import Node

/// Everything that is said of a run: the verdict of each checker, and of all together.
public struct Results: Sendable {
  /// How long operations took.
  public let perf: CheckResult
  /// Which replies made no sense.
  public let exceptions: CheckResult
  /// How operations ended.
  public let stats: CheckResult
  /// Whether enough of them succeeded.
  public let availability: CheckResult
  /// What the network carried.
  public let net: CheckResult
  /// What the workload's own checker found.
  public let workload: CheckResult

  /// Judges a run by its history and by what its network counted, if that is known.
  public init(
    history: History, network: NetworkStatistics?, availability: Availability? = nil, workload: some Checker
  ) {
    perf = LatencyChecker().check(history)
    exceptions = ExceptionsChecker().check(history)
    stats = StatsChecker().check(history)
    self.availability = AvailabilityChecker(availability).check(history)
    net = network.map { NetworkChecker($0).check(history) } ?? CheckResult(.valid)
    self.workload = workload.check(history)
  }

  /// The parts under their names in `results.json`, in its order.
  private var parts: [(name: String, result: CheckResult)] {
    [
      // Maelstrom's page of operations in time, which the page has here, and which is always valid.
      ("perf", perf), ("timeline", CheckResult(.valid)), ("exceptions", exceptions), ("stats", stats), ("availability", availability), ("net", net),
      ("workload", workload),
    ]
  }

  /// The worst of the verdicts.
  public var validity: Validity { .merge(parts.map(\.result.validity)) }

  /// All that is wrong, the workload's anomalies first.
  public var anomalies: [Anomaly] {
    workload.anomalies + parts.dropLast().flatMap(\.result.anomalies)
  }

  /// Maelstrom's `results.edn` as JSON: same keys, same meaning.
  public var json: JSONValue {
    var object = JSONObject()
    for (name, result) in parts { object[name] = result.json }
    object["valid?"] = validity.json
    return .object(object)
  }

  /// The text of `results.json`.
  public var text: String { json.prettyPrinted + "\n" }
}

// MARK: - For people

extension Results {
  /// What a person wants to know, in a few lines: what is wrong, what the run was like, the verdict.
  public var verdict: String {
    let explanations = anomalies.map { "\($0.name): \($0.explanation)" }
    return (explanations + [summary, closing]).joined(separator: "\n") + "\n"
  }

  private var closing: String {
    switch validity {
    case .valid: "Still waters: every check passed."
    case .unknown: "Murky waters: too little happened to tell."
    case .invalid: "Troubled waters: this run is invalid."
    }
  }

  /// Such as "2013 operations, 2013 ok; 1.07 messages an operation between servers; stable after
  /// 392 ms (median), 512 ms (longest)."
  private var summary: String {
    var facts: [String] = []
    if let count = stats.details["count"], let ok = stats.details["ok-count"] {
      facts.append("\(count) operations, \(ok) ok")
    }
    if case .double(let perOperation)? = net.details["servers"]?["msgs-per-op"] {
      let hundredths = Double(Int(perOperation * 100 + 0.5)) / 100
      facts.append("\(hundredths) messages an operation between servers")
    }
    if let latencies = workload.details["stable-latencies"],
      let median = latencies["0.5"], let longest = latencies["1"]
    {
      facts.append("stable after \(median) ms (median), \(longest) ms (longest)")
    }
    return facts.joined(separator: "; ") + "."
  }
}
