public import EddyTiming

/// What can be chosen of a replicated state machine.
public struct ConsensusOptions: Sendable {
  /// The least time between two rounds of the leader, unless all known clients wait.
  public var window: Duration
  /// How long a request waits for a leader before it is answered with error 11, if it is certain that it was not
  /// and will not be executed.
  public var patience: Duration

  public init(window: Duration = .milliseconds(200), patience: Duration = .milliseconds(900)) {
    self.window = window
    self.patience = patience
  }
}
