import CEddyEventLoop
import CEddyProcess

/// A process that outlives this one and then kills the process groups that this one has left running.
///
/// The kernel kills the children of a process that is killed, but not what those have started, such as
/// the node itself when a shell script runs it.
enum Watchdog {
  /// The descriptor that takes requests, negative if the watchdog could not be started. Opened for the
  /// first child and never closed: its closing tells the watchdog that this process has ended.
  private static let requests = eddy_watchdog_start()

  /// Has a group killed when this process ends.
  static func watch(_ group: Int32) { request(group) }

  /// Undoes ``watch(_:)``: the group has ended, and its number may soon name another.
  static func forget(_ group: Int32) { request(-group) }

  private static func request(_ group: Int32) {
    // A failure is ignored: children run without a watchdog, too.
    withUnsafeBytes(of: group) { _ = eddy_write(requests, $0.baseAddress!, $0.count) }
  }
}
