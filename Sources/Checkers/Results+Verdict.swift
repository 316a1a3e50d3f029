import EddyHistory
import EddyNode

// What a person wants to know of a run, in a few lines.

extension Results {
  /// What is wrong, what the run was like, and in the last line the verdict.
  ///
  /// The last line begins with `Valid`, `Invalid` or `Unknown`.
  public var verdict: String {
    let lines = anomalies.flatMap(\.lines) + [malformedReplies, summary, conclusion].compactMap(\.self)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The verdict in a line, such as "Invalid: 1,990 lost, 3 unexpected (2 kinds of anomaly)."
  package var conclusion: String {
    switch validity {
    case .valid: "Valid: all checks passed."
    case .unknown: "Unknown: \(reason ?? "too few operations to judge.")"
    case .invalid: "Invalid: \(anomalyCounts)"
    }
  }

  /// Such as "1,990 lost, 3 unexpected (2 kinds of anomaly)."
  private var anomalyCounts: String {
    "\(anomalies.map(\.countedName).joined(separator: ", ")) (\(anomalies.count.counted("kind")) of anomaly)."
  }

  /// Such as "2013 operations, 2013 ok; 1.07 messages per operation between servers; stable after
  /// 392 ms (median), 512 ms (longest)."
  private var summary: String {
    var facts: [String] = []
    if let count = stats.details["count"], let ok = stats.details["ok-count"] {
      facts.append("\(count) operations, \(ok) ok")
    }
    if case .double(let perOperation)? = net.details["servers"]?["msgs-per-op"] {
      facts.append("\(perOperation.short(2)) messages per operation between servers")
    }
    if let latencies = workload.details["stable-latencies"],
      let median = latencies["0.5"], let longest = latencies["1"]
    {
      facts.append("stable after \(median) ms (median), \(longest) ms (longest)")
    }
    return facts.joined(separator: "; ") + "."
  }
}
