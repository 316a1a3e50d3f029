import EddyTiming

/// What carries the messages of nodes in virtual time: a whole run, or the bare network of a unit test.
protocol MessageCarrier: AnyObject {
  /// When ``advance(to:)`` is next due; nil if nothing is.
  var nextDeadline: Instant? { get }

  /// Takes a line that a node has printed, without its newline. It is delivered later: the node is still at
  /// work.
  func take(_ line: UnsafeRawBufferPointer, from node: Int, at now: Instant)

  /// Delivers everything that is due by `now`.
  func advance(to now: Instant)
}

/// Nodes in virtual time, what carries their messages, and the clock, which jumps from one event to the next.
///
/// At one instant the nodes come first: their timers, and what slow ones have got round to. Then comes what is
/// delivered.
final class VirtualCluster {
  let nodes: NodeHost
  private(set) var now = Instant.zero
  private unowned let carrier: any MessageCarrier

  init(_ nodes: NodeHost, carrier: any MessageCarrier) {
    self.nodes = nodes
    self.carrier = carrier
    nodes.printed = { [unowned self] line, node in self.carrier.take(line, from: node, at: now) }
  }

  /// Goes on to the next instant at which something happens, if that is not after `end`. Returns whether there
  /// was one.
  func step(by end: Instant) -> Bool {
    guard let next = Instant.earliest(carrier.nextDeadline, nodes.nextDeadline), next <= end else {
      return false
    }
    now = max(now, next)
    nodes.advance(to: now)
    carrier.advance(to: now)
    return true
  }

  /// Has time go on to `end`, at which nothing happens.
  func rest(until end: Instant) { now = max(now, end) }
}
