import Node
import Testing
import Workbench

/// Judges histories that Maelstrom recorded and judged, and compares.
@Suite struct VerdictTests {
  /// How our verdict on a run differs, and why.
  struct Difference {
    /// What we say: true, false or "unknown".
    var verdict: JSONValue
    var reason: String

    init(_ verdict: JSONValue, _ reason: String) {
      self.verdict = verdict
      self.reason = reason
    }
  }

  /// Every run whose verdict differs from Maelstrom's.
  static let differences: [String: Difference] = [:]

  private func results(_ run: RecordedRun) throws -> Results {
    let workload = try #require(WorkloadCatalog.workload(run.options))
    return Results(
      history: try run.history(), network: NetworkStatistics(), availability: run.options.availability,
      workload: workload.checker)
  }

  @Test(arguments: RecordedRun.all)
  func theVerdictIsMaelstromsButForWhatIsListed(run: RecordedRun) throws {
    let results = try results(run)
    let expected = Self.differences[run.name]?.verdict ?? run.verdict
    print(
      "XX", run.name, run.verdict, results.validity.json, run.anomalies.sorted(),
      Set(results.anomalies.map(\.name)).sorted(), run.node)
    #expect(results.validity.json == expected)
  }
}
