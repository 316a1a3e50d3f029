import Timing

/// How those to whom messages are on their way take them.
public enum Receivers: String, CaseIterable, Sendable {
  /// Whatever is due is delivered.
  case independent
  /// As Maelstrom's network (`recv!` in its `net.clj`): a receiver takes the message that is due
  /// first and waits until it is, whatever comes meanwhile.
  ///
  /// This is head-of-line blocking: a client's request, which has no latency of its own, waits as
  /// long as a node's message is on its way; and with latencies that vary, messages overtake each
  /// other less. A partition drops what is taken during it, however long after it is due.
  case blocking
}

/// What is on its way to one receiver that takes one message after the other.
struct Inbox {
  /// Ordered by when they are due.
  var waiting = TimerQueue<Network.Envelope>()
  /// Whether no message has been taken that has yet to be delivered.
  var isFree = true

  /// The message that is due first, if the receiver is free, which it no longer is then. O(log n).
  mutating func take() -> (Network.Envelope, due: Instant)? {
    guard isFree, let due = waiting.nextDeadline, let next = waiting.popDue(at: due) else { return nil }
    isFree = false
    return (next.element, due)
  }
}
