/// The disks of a simulated run: each node has one, which survives the node's kills.
public struct DiskConditions: Sendable, Equatable {
  /// The time of a sync that has something to write.
  public var latency: Duration
  /// What the disks do wrong.
  public var faults: [DiskFault]

  /// Disks, by default fast and without faults.
  public init(latency: Duration = .milliseconds(1), faults: [DiskFault] = []) {
    self.latency = latency
    self.faults = faults
  }
}

/// What a simulated disk does wrong.
///
/// Without ``lose`` and ``tear`` a kill loses nothing that was handed to the disk, as when a process ends and its
/// kernel does not.
public enum DiskFault: String, Sendable, CaseIterable {
  /// A kill loses what was not synced.
  case lose
  /// A kill tears the write that was not synced at a random byte; what is before it stays. With ``lose`` half of the
  /// kills do this.
  case tear
  /// One sync in ten takes ten times as long.
  case slow
  /// The disk is full from time to time, for up to two seconds: a sync fails.
  case full
}
