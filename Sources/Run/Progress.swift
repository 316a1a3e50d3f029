/// Counts of a run's operations so far.
public struct Progress: Sendable {
  /// Operations that clients have invoked.
  public package(set) var invoked = 0
  /// Operations that succeeded.
  public package(set) var ok = 0
  /// Operations that definitely did not happen.
  public package(set) var failed = 0
  /// Operations whose outcome is unknown (`info`).
  public package(set) var indeterminate = 0
  /// Those of them that are client crashes invoked by the workload itself, such as kafka's `crash`.
  public package(set) var crashed = 0
  /// Operations that have completed, with any outcome.
  public var completed: Int { ok + failed + indeterminate }
  /// Operations that have not completed.
  public var outstanding: Int { invoked - completed }

  public init() {}

  mutating func note(_ outcome: Outcome, of invocation: Invocation) {
    switch outcome {
    case .ok: ok += 1
    case .fail: failed += 1
    case .info:
      indeterminate += 1
      if invocation.function == "crash" { crashed += 1 }
    }
  }
}
