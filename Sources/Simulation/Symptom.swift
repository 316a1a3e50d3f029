import EddyCheckers
import EddyHistory
import EddyRun

/// In what way the nodes of a run went wrong, without the details that differ from run to run.
///
/// Two runs show the same if they broke off for the same kind of cause, or if the same anomalies were
/// found, all of them and no others. The whole set counts because a smaller run stands in for the larger
/// one: a name that is missing in it was a mistake that it no longer shows, and one that is new is another
/// mistake, which would lead whoever reads it astray.
public enum Symptom: Hashable, Sendable {
  /// The run broke off, for a cause of this kind.
  case failure(kind: String)
  /// These anomalies were found.
  case anomalies(Set<String>)

  /// Whether it is, or has among its anomalies, what is called so.
  public func contains(_ name: String) -> Bool {
    switch self {
    case .failure(let kind): kind == name
    case .anomalies(let names): names.contains(name)
    }
  }
}

extension Symptom: CustomStringConvertible {
  /// Such as `lost, stale` or `broke off (crashed)`.
  public var description: String {
    switch self {
    case .failure(let kind): "broke off (\(kind))"
    case .anomalies(let names): names.sorted().joined(separator: ", ")
    }
  }
}

extension RunFailure.Cause {
  /// The cause in a word or two, without its details: `malformed line`.
  var kind: String {
    let label = Mirror(reflecting: self).children.first?.label ?? "\(self)"
    return label.reduce(into: "") { words, letter in
      words += letter.isUppercase ? " \(letter.lowercased())" : String(letter)
    }
  }
}

extension SimulationOutcome {
  /// In what way the nodes went wrong; nil if they did not.
  ///
  /// That no operation of a kind ever succeeded, which makes a run invalid too, is no fault of
  /// nodes that were down all the time.
  public var symptom: Symptom? {
    if let failure { return .failure(kind: failure.cause.kind) }
    let judged = [results.workload, results.availability, results.liveness].compactMap(\.self)
      .filter { $0.validity == .invalid }
    guard !judged.isEmpty else { return nil }
    let names = judged.flatMap { $0.anomalies.map(\.name) }
    return .anomalies(names.isEmpty ? ["invalid"] : Set(names))
  }

  /// How large the run was, in words: what a smaller run has less of.
  public var size: String {
    let options = plan.options
    let kinds = options.faults.count
    return [
      options.nodes.count.counted("node"), options.concurrency.counted("client"),
      run.progress.invoked.counted("operation"),
      kinds == 0 ? "no fault" : kinds.counted("kind") + " of fault",
      "\(PlanOption.timeLimit.text(plan) ?? "") s",
    ].joined(separator: ", ")
  }
}
