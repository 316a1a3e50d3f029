import EddyCheckers
import EddyNetwork
import EddyNode
import EddyRun
import Testing

/// Judges histories that Maelstrom recorded and judged, and compares.
@Suite struct VerdictTests {
  /// What we say of a run beside what Maelstrom does, and why.
  private struct Difference {
    /// Our verdict, where it is another: true, false or "unknown".
    var verdict: JSONValue?
    /// Names that only we give.
    var more: Set<String> = []
    /// Names that only Maelstrom gives.
    var fewer: Set<String> = []
    var reason: String
  }

  /// Every run on which we differ. Which of several related cycles is named is a matter of the search, in
  /// Elle as here: there only the verdict must agree, and it does.
  private static let differences: [String: Difference] = [
    "broadcast-extra": .init(verdict: false, reason: "Elements that nobody added: its checker ignores them."),
    "echo-rate0": .init(verdict: "unknown", reason: "A run in which nothing happened tells nothing."),
    "kafka-garbage2": .init(
      verdict: false, more: ["inconsistent-offsets", "lost-write", "unseen", "unwritten-read"],
      fewer: ["checker-exception"], reason: "A message that nobody sent: its checker throws."),
    "lin-kv-allnull": .init(
      verdict: false, more: ["nonlinearizable"],
      reason: "Reads of null after a write: its model lets every read of null pass."),
    "txn-list-append-garbage-read-committed": .init(
      verdict: false, fewer: ["checker-exception"], reason: "An element that nobody appended: Elle throws."),
    "txn-list-append-missing-strict": .init(
      verdict: false, fewer: ["checker-exception"],
      reason: "A reply is not the transaction that was asked for: Elle throws."),
    "txn-list-append-scalar-strict": .init(
      verdict: false,
      reason: "Replies with a scalar in place of a list: its client records them as exceptions."),
    "txn-list-append-string-read-committed": .init(
      verdict: false, fewer: ["checker-exception"],
      reason: "Elements come back as strings, which nobody appended: Elle throws."),
    "txn-rw-register-garbage-read-committed": .init(
      verdict: false, more: ["garbage-read"],
      reason: "A value that nobody wrote: Elle ignores it for registers."),
    "txn-rw-register-short-read-uncommitted": .init(
      verdict: false, reason: "A reply is not the transaction that was asked for: Elle does not compare."),
    "txn-rw-register-strkey2": .init(
      verdict: false, fewer: ["checker-exception"],
      reason: "Keys come back as strings: another transaction than was asked for; Elle throws."),
    "unique-ids-intfloat": .init(
      verdict: true, fewer: ["checker-exception"],
      reason: "Ids of several types, all different: its checker throws when it sorts them."),
  ]

  private func results(_ run: RecordedRun) throws -> Results {
    let workload = try #require(WorkloadRegistry.workload(run.options))
    return Results(
      history: try run.history(), network: NetworkStatistics(), availability: run.options.availability,
      workload: workload.checker)
  }

  @Test(arguments: RecordedRun.all)
  func theVerdictIsMaelstromsButForWhatIsListed(run: RecordedRun) throws {
    let results = try results(run)
    let difference = Self.differences[run.name]
    #expect(results.validity.json == difference?.verdict ?? run.verdict, "\(run.node)")
    let names = results.names(of: run.options.workload)
    // A cycle that is found may stand for others: whatever we name in addition is judged by the verdict.
    if run.options.workload.hasPrefix("txn-"), !run.anomalies.isEmpty {
      #expect(names.isEmpty == run.anomalies.isEmpty || difference?.verdict != nil, "\(names)")
      #expect(run.anomalies.filter { !$0.isCycle }.isSubset(of: names.union(difference?.fewer ?? [])))
      return
    }
    let expected = run.anomalies.union(difference?.more ?? []).subtracting(difference?.fewer ?? [])
    #expect(names == expected, "\(run.node)")
  }

  @Test func everyRunThatIsListedIsThere() {
    let names = Set(RecordedRun.all.map(\.name))
    #expect(names.count == 143)
    #expect(Self.differences.keys.allSatisfy(names.contains))
  }
}

extension String {
  /// Whether this is Elle's name of a cycle, or of the end of a search for one.
  fileprivate var isCycle: Bool {
    ["G-", "G0", "G1c", "G2"].contains(where: hasPrefix) || hasSuffix("-cycle-exists")
      || self == "cycle-search-timeout"
  }
}

extension Results {
  /// What the workload's checker found, under Maelstrom's names.
  fileprivate func names(of name: String) -> Set<String> {
    let details = workload.details
    switch name {
    case "broadcast", "g-set", "unique-ids":
      return Set(
        ["lost", "stale", "never-read", "duplicated"].filter { kind in
          if case .integer(let count)? = details["\(kind)-count"] { count > 0 } else { false }
        })
    case "lin-kv": return Set(workload.anomalies.map(\.name))
    case "kafka": return Set(details["error-types"]?.texts ?? [])
    case "txn-list-append", "txn-rw-register": return Set(details["anomaly-types"]?.texts ?? [])
    default: return workload.validity == .invalid ? ["errors"] : []
    }
  }
}
