import CEddyEventLoop

/// A process that kills, when this one has ended, the process groups that this one has not.
///
/// The kernel kills the children of a process that is killed, but not what those have started: the
/// node itself, if it was a shell script that ran it.
enum Guardian {
  /// Where it takes requests; negative if it could not be started. Made for the first child. It
  /// stays open to the end, which is what the guardian waits for.
  private static let requests = eddy_guardian_start()

  /// Has a group killed when this process ends.
  static func watch(_ group: Int32) { tell(group) }

  /// Takes that back: the group is gone, and its number may soon be another's.
  static func forget(_ group: Int32) { tell(-group) }

  private static func tell(_ request: Int32) {
    // Children can do without it: a failure is no reason to fail.
    withUnsafeBytes(of: request) { _ = eddy_write(requests, $0.baseAddress!, $0.count) }
  }
}
