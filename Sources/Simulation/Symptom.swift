import EddyCheckers
import EddyHistory
import EddyRun

/// How a run failed, without the details that differ from run to run.
///
/// Two runs have the same symptom if they ended early with the same kind of failure, or if exactly the same
/// set of anomalies was found. The whole set counts because a shrunk run stands in for the original one: if
/// an anomaly is missing, it no longer shows that error; if one is new, it shows another error and would
/// mislead the reader.
public enum Symptom: Hashable, Sendable {
  /// The run ended early, with a failure of this kind.
  case failure(kind: String)
  /// These anomalies were found.
  case anomalies(Set<String>)

  /// Whether it is the kind of failure `name`, or includes the anomaly `name`.
  public func contains(_ name: String) -> Bool {
    switch self {
    case .failure(let kind): kind == name
    case .anomalies(let names): names.contains(name)
    }
  }
}

extension Symptom: CustomStringConvertible {
  /// Such as `lost, stale` or `ended early (crashed)`.
  public var description: String {
    switch self {
    case .failure(let kind): "ended early (\(kind))"
    case .anomalies(let names): names.sorted().joined(separator: ", ")
    }
  }
}

extension RunFailure.Cause {
  /// The kind of failure in words, without details: `malformed line`.
  var kind: String {
    let label = Mirror(reflecting: self).children.first?.label ?? "\(self)"
    return label.reduce(into: "") { words, letter in
      words += letter.isUppercase ? " \(letter.lowercased())" : String(letter)
    }
  }
}

extension SimulationOutcome {
  /// How the run failed; nil if it did not.
  ///
  /// A run in which no operation of a function succeeded is invalid too, but is not counted here: nodes that
  /// were down all the time are not at fault.
  public var symptom: Symptom? {
    if let failure { return .failure(kind: failure.cause.kind) }
    let judged = [results.workload, results.availability, results.liveness].compactMap(\.self)
      .filter { $0.validity == .invalid }
    guard !judged.isEmpty else { return nil }
    let names = judged.flatMap { $0.anomalies.map(\.name) }
    return .anomalies(names.isEmpty ? ["invalid"] : Set(names))
  }

  /// The size of the run in words.
  public var size: String {
    let options = plan.options
    let kinds = options.faults.count
    return [
      options.nodes.count.counted("node"), options.concurrency.counted("client"),
      run.progress.invoked.counted("operation"),
      kinds == 0 ? "no faults" : kinds.counted("kind") + " of fault",
      "\(PlanOption.timeLimit.text(plan) ?? "") s",
    ].joined(separator: ", ")
  }
}
