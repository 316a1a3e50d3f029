public import EddyHistory
import EddyNode

/// The fraction of client operations that must succeed; Maelstrom's `--availability`.
public enum Availability: Hashable, Sendable {
  /// All of them.
  case total
  /// At least this fraction, from 0 to 1.
  case fraction(Double)
}

/// Demands that a given fraction of the operations succeeds; Maelstrom's `availability` checker.
///
/// The fraction is `ok` completions of client invocations. A history is valid if nothing is demanded or
/// nothing was invoked.
public struct AvailabilityChecker: Checker {
  /// The demanded fraction; nil if there is none.
  public var demand: Availability?

  /// A checker with this demand.
  public init(_ demand: Availability? = nil) { self.demand = demand }

  public func check(_ history: History) -> CheckResult {
    let invocations = history.clientOperations.filter { $0.kind == .invoke }
    let failed = invocations.filter { history.completion(of: $0)?.kind != .ok }
    let ok = invocations.count - failed.count
    let fraction = invocations.isEmpty ? 1 : Double(ok) / Double(invocations.count)
    let details: JSONObject = ["ok-fraction": JSONValue(fraction)]
    let isMet =
      switch demand {
      case nil: true
      case .total: failed.isEmpty
      case .fraction(let least): fraction >= least
      }
    guard !isMet else { return CheckResult(.valid, details: details) }
    let demanded =
      if case .fraction(let least) = demand { "a fraction of at least \(least)" } else { "all of them" }
    let anomaly = Anomaly(
      "unavailable", count: failed.count,
      "Only \(ok.grouped) of \(invocations.count.counted("operation")) succeeded; \(demanded) must.",
      examples: failed.prefix(Anomaly.exampleLimit).map { explain($0, history) })
    return CheckResult(.invalid, details: details, anomalies: [anomaly])
  }

  private func explain(_ invocation: Operation, _ history: History) -> Anomaly.Example {
    let end = history.completion(of: invocation)
    let outcome =
      switch end?.kind {
      case .fail: "failed"
      case .info: "has an unknown outcome"
      default: "never completed"
      }
    let reason = end?.error.map { ": \($0)" } ?? ""
    return Anomaly.Example(
      "The \(invocation.sentence) \(outcome)\(reason).",
      operations: [invocation.index] + (end.map { [$0.index] } ?? []))
  }
}
