package import EddyHistory
package import EddyRun
package import EddyTiming

/// Nodes in virtual time, whatever runs them: objects of this process, or programs.
package protocol VirtualNodes: AnyObject {
  /// Called with each line that a node prints, without its newline.
  var printed: (UnsafeRawBufferPointer, _ node: Int) -> Void { get set }
  /// Called when a node does something that ends the run.
  var failed: (RunFailure.Cause, _ node: Int) -> Void { get set }
  /// The nodes' log lines with their virtual instants, in order.
  var log: [LogLine] { get }

  /// Whether the nodes would do the same again; nil if that is certain by construction.
  var reproducibility: Reproducibility? { get }
  /// The beginning of a node's last output line, if the line has no newline; otherwise empty.
  func unfinishedLine(of node: Int) -> [UInt8]

  /// The time of the next event of any node; nil if there is none.
  var nextDeadline: Instant? { get }
  /// Handles all events of the nodes that are due by `now`.
  func advance(to now: Instant)
  /// Delivers a line, without newline, to a node.
  func deliver(_ line: [UInt8], to node: Int, at now: Instant)

  func start(_ node: Int)
  /// Ends a node at once.
  func kill(_ node: Int)
  /// Pauses a node: its input and its timers wait.
  func pause(_ node: Int)
  func resume(_ node: Int, at now: Instant)

  func setClock(_ clock: SkewedClock, of node: Int)
  /// Sets the largest delay before a node processes a line.
  func setProcessingDelay(_ delay: Duration, of node: Int)
  /// Lets the nodes' wall clocks jump from time to time, by at most this.
  func setClockJumps(upTo largest: Duration)
}

extension VirtualNodes {
  package var reproducibility: Reproducibility? { nil }
  package func unfinishedLine(of node: Int) -> [UInt8] { [] }
  /// Objects of the simulator have no wall clock.
  package func setClockJumps(upTo largest: Duration) {}
}
