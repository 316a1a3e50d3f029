import EddyHistory
import EddyNode

/// Judges transactions by consistency models.
///
/// It infers from reads and writes which transactions must precede which others. The kind of a cycle in that
/// order determines the models that the history violates. Anomalies that the demanded models allow are not
/// reported. A history in which no transaction depends on another is `unknown`.
///
/// Kingsbury and Alvaro, "Elle: inferring isolation anomalies from experimental observations", 2020.
public protocol TransactionChecker: Checker {
  /// The demanded models. The history must satisfy all of them.
  var models: [ConsistencyModel] { get }

  init(_ models: [ConsistencyModel])
}

extension TransactionChecker {
  func isRuledOut(_ anomaly: TransactionAnomaly) -> Bool { models.contains { $0.rulesOut(anomaly) } }

  /// The verdict on the dependencies between transactions and on what is wrong without them.
  ///
  /// - Parameters:
  ///   - orders: The longest lists; nil for registers.
  ///   - others: Anomalies that no model allows.
  func judge(
    _ history: History, _ index: TransactionHistory, _ versions: VersionOrder, _ direct: DirectAnomalies,
    orders: ListOrders? = nil, others: (TransactionExplainer) -> [Anomaly] = { _ in [] }
  ) -> CheckResult {
    let graph = DependencyGraph(index, versions, models.map(\.order).max() ?? .data, of: history)
    let explainer = TransactionExplainer(history, index, versions, orders)
    let cycles = cycles(in: graph)
    let found = Set(direct.kinds + cycles.map { .cycle($0.kind, $0.order) })
    let reported = found.filter(isRuledOut).sorted()
    let anomalies = reported.flatMap { kind -> [Anomaly] in
      if case .cycle(let cycle, let order) = kind {
        return explainer.explain(cycles.filter { $0.kind == cycle && $0.order == order })
      }
      return explainer.explain(kind, direct)
    }
    let unconditional = explainer.explain(altered: index.altered) + others(explainer)
    return CheckResult(
      !anomalies.isEmpty || !unconditional.isEmpty
        ? .invalid : graph.edgeCount == 0 || !index.rewritten.isEmpty ? .unknown : .valid,
      details: details(reported, found), anomalies: unconditional + anomalies,
      reason: explainer.reasonForDoubt
        ?? "no transaction depends on another. Increase --rate or --time-limit.")
  }

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
