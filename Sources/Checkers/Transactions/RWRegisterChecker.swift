public import EddyHistory
import EddyNode

/// Judges transactions over registers: could they have happened as some consistency models demand?
///
/// Elle's `rw-register` with the options that Maelstrom gives it; Kingsbury and Alvaro, "Elle:
/// inferring isolation anomalies from experimental observations", 2020. From what was read and
/// written it infers which transactions must have come before which others; where that order runs in
/// a circle, the kind of the circle tells which models are broken. What the models that were asked
/// for allow is not reported.
///
/// It finds all that Elle finds, and four things more: a G0 that only shows in what transactions
/// read and wrote midway, reads of what nobody wrote, transactions that read their own future, and
/// cycles through transactions of unknown outcome that have been read (Elle's `rw_register.clj` notes
/// as a wish that they count). Histories in which no transaction depends on another are `unknown`.
public struct RWRegisterChecker: Checker {
  /// All of them must hold.
  public var models: [ConsistencyModel]

  public init(_ models: [ConsistencyModel]) { self.models = models }

  public func check(_ history: History) -> CheckResult {
    let registers = RegisterHistory(history, infersCommits: isRuledOut(.g1a))
    let versions = VersionOrder(registers)
    let graph = DependencyGraph(registers, versions, models.map(\.order).max() ?? .data, of: history)
    let narrator = TransactionNarrator(history, registers, versions)
    let direct = DirectAnomalies(registers, versions)
    let cycles = cycles(in: graph)

    let found = Set(direct.kinds + cycles.map { .cycle($0.kind, $0.order) })
    let reported = found.filter(isRuledOut).sorted()
    let anomalies = reported.flatMap { kind -> [Anomaly] in
      if case .cycle(let cycle, let order) = kind {
        return narrator.explain(cycles.filter { $0.kind == cycle && $0.order == order })
      }
      return narrator.explain(kind, direct)
    }
    let altered = narrator.explain(altered: registers.altered)
    return CheckResult(
      !anomalies.isEmpty || !altered.isEmpty ? .invalid : graph.edgeCount == 0 ? .unknown : .valid,
      details: details(reported, found), anomalies: altered + anomalies,
      reason: "no transaction depends on another. A higher --rate or --time-limit helps.")
  }

  private func isRuledOut(_ anomaly: TransactionAnomaly) -> Bool { models.contains { $0.rulesOut(anomaly) } }

  /// Cycles of every kind that the models rule out.
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
