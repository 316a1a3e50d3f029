import EddyHistory
import EddyNode

// The results as a few lines for the console.

extension Results {
  /// The anomalies, a summary of the run, and the verdict in the last line.
  ///
  /// The last line begins with `Valid`, `Invalid` or `Unknown`.
  public var consoleText: String {
    let lines = anomalies.flatMap(\.lines) + [malformedReplies, summary, conclusion].compactMap(\.self)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The verdict on one line, such as "Invalid: 2 anomalies: 1,990 lost, 3 unexpected."
  package var conclusion: String {
    switch validity {
    case .valid: "Valid: all checks passed."
    case .unknown: "Unknown: \(reason ?? "too few operations to judge. Increase --rate or --time-limit.")"
    case .invalid: "Invalid: \(anomalyCounts)"
    }
  }

  /// The number of anomalies with the count of each, such as "2 anomalies: 1,990 lost, 3 unexpected."
  private var anomalyCounts: String {
    let noun = anomalies.count == 1 ? "anomaly" : "anomalies"
    return "\(anomalies.count) \(noun): \(anomalies.map(\.countedName).joined(separator: ", "))."
  }

  /// The main figures, such as "2013 operations, 2013 ok; 1.07 messages per operation between servers;
  /// stable after 392 ms (median), 512 ms (longest)."
  private var summary: String {
    var facts: [String] = []
    if let count = stats.details["count"], let ok = stats.details["ok-count"] {
      facts.append("\(count) \(count == 1 ? "operation" : "operations"), \(ok) ok")
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
