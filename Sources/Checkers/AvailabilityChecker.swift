public import EddyHistory
import EddyNode

/// What part of the clients' operations must succeed; Maelstrom's `--availability`.
public enum Availability: Hashable, Sendable {
  /// Every one.
  case total
  /// At least this fraction, from 0 to 1.
  case fraction(Double)
}

/// Compares the fraction of operations that succeeded with the one demanded.
///
/// Fractions are of all that clients invoked. Without a demand every history is valid, and so is one
/// in which nothing was invoked.
public struct AvailabilityChecker: Checker {
  /// What is demanded; nil for nothing.
  public var demand: Availability?

  /// A checker that demands this.
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
    let demanded = if case .fraction(let least) = demand { "\(least) of them" } else { "all of them" }
    let anomaly = Anomaly(
      "unavailable", count: failed.count,
      "Of \(invocations.count.counted("operation")) \(ok.grouped) succeeded, and \(demanded) should have.",
      examples: failed.prefix(Anomaly.exampleLimit).map { explain($0, history) })
    return CheckResult(.invalid, details: details, anomalies: [anomaly])
  }

  private func explain(_ invocation: Operation, _ history: History) -> Anomaly.Example {
    let end = history.completion(of: invocation)
    let outcome =
      switch end?.kind {
      case .fail: "failed"
      case .info: "has an unknown outcome"
      default: "was never answered"
      }
    let reason = end?.error.map { ": \($0)" } ?? ""
    return Anomaly.Example(
      "The \(invocation.sentence) \(outcome)\(reason).",
      operations: [invocation.index] + (end.map { [$0.index] } ?? []))
  }
}
