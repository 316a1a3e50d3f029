/// How far a run has come.
public struct Progress: Sendable {
  /// Operations that clients have invoked.
  public package(set) var invoked = 0
  /// Those that happened.
  public package(set) var ok = 0
  /// Those that did not.
  public package(set) var failed = 0
  /// Those whose outcome is unknown (`info`).
  public package(set) var indeterminate = 0
  /// Those among them that are crashes of clients, which a workload asks for to have new ones.
  public package(set) var crashed = 0
  /// Those that have ended, in whichever way.
  public var completed: Int { ok + failed + indeterminate }
  /// Those that have not ended.
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
