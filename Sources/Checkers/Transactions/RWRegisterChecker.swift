public import EddyHistory
import EddyNode

/// Judges transactions over registers by consistency models.
///
/// This is Elle's `rw-register` with the options that Maelstrom passes; Kingsbury and Alvaro, "Elle:
/// inferring isolation anomalies from experimental observations", 2020. It infers from reads and writes
/// which transactions must precede which others. The kind of a cycle in that order determines the models
/// that the history violates. Anomalies that the demanded models allow are not reported.
///
/// It finds all that Elle finds, and in addition: G0 that is visible only in intermediate reads and writes,
/// reads of values that no transaction wrote, transactions that read their own later writes, and cycles
/// through transactions of unknown outcome whose writes were read (Elle's `rw_register.clj` lists these as
/// future work). A history in which no transaction depends on another is `unknown`.
///
/// - Complexity: O(accesses + length of the history) for short transactions, without G-single cycles; see
///   `Reachability` for those.
public struct RWRegisterChecker: Checker {
  /// The demanded models. The history must satisfy all of them.
  public var models: [ConsistencyModel]

  public init(_ models: [ConsistencyModel]) { self.models = models }

  public func check(_ history: History) -> CheckResult {
    let registers = RegisterHistory(history, infersCommits: isRuledOut(.g1a))
    let versions = VersionOrder(registers)
    let graph = DependencyGraph(registers, versions, models.map(\.order).max() ?? .data, of: history)
    let explainer = TransactionExplainer(history, registers, versions)
    let direct = DirectAnomalies(registers, versions)
    let cycles = cycles(in: graph)

    let found = Set(direct.kinds + cycles.map { .cycle($0.kind, $0.order) })
    let reported = found.filter(isRuledOut).sorted()
    let anomalies = reported.flatMap { kind -> [Anomaly] in
      if case .cycle(let cycle, let order) = kind {
        return explainer.explain(cycles.filter { $0.kind == cycle && $0.order == order })
      }
      return explainer.explain(kind, direct)
    }
    let altered = explainer.explain(altered: registers.altered)
    return CheckResult(
      !anomalies.isEmpty || !altered.isEmpty ? .invalid : graph.edgeCount == 0 ? .unknown : .valid,
      details: details(reported, found), anomalies: altered + anomalies,
      reason: "no transaction depends on another. Increase --rate or --time-limit.")
  }

  private func isRuledOut(_ anomaly: TransactionAnomaly) -> Bool { models.contains { $0.rulesOut(anomaly) } }

  /// Cycles of every kind that the models forbid.
  private func cycles(in graph: DependencyGraph) -> [DependencyCycle] {
    var search = CycleSearch(graph)
    return [CycleOrder.data, .process, .realtime].flatMap { order in
      CycleKind.allCases.filter { isRuledOut(.cycle($0, order)) }.flatMap { search.cycles($0, order) }
    }
  }

  private func details(_ reported: [TransactionAnomaly], _ found: Set<TransactionAnomaly>) -> JSONObject {
    let names = { (models: [ConsistencyModel]) in JSONValue.array(models.map { .string($0.rawValue) }) }
    var details: JSONObject = ["anomaly-types": .array(reported.map { .string($0.name) })]
    guard !reported.isEmpty else { return details }
    let broken = ConsistencyModel.broken(by: found)
    details["not"] = names(broken.weakest)
    details["also-not"] = names(broken.stronger)
    return details
  }
}
