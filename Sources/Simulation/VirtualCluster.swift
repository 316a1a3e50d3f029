import EddyTiming

/// The network side of a virtual cluster: a whole run, or the network of a unit test.
protocol MessageCarrier: AnyObject {
  /// When ``advance(to:)`` is next due; nil if nothing is.
  var nextDeadline: Instant? { get }

  /// Takes a line that a node has printed, without its newline. Delivers it later, because the node is still
  /// running.
  func take(_ line: UnsafeRawBufferPointer, from node: Int, at now: Instant)

  /// Delivers everything that is due by `now`.
  func advance(to now: Instant)
}

/// Nodes in virtual time, their network, and the clock, which jumps from one event to the next.
///
/// At each instant the nodes' timers and delayed lines come first, then deliveries.
final class VirtualCluster {
  let nodes: any VirtualNodes
  private(set) var now = Instant.zero
  private unowned let carrier: any MessageCarrier

  init(_ nodes: any VirtualNodes, carrier: any MessageCarrier) {
    self.nodes = nodes
    self.carrier = carrier
    nodes.printed = { [unowned self] line, node in self.carrier.take(line, from: node, at: now) }
  }

  /// Advances to the next event, if it is not after `end`. Returns whether there was one.
  func step(by end: Instant) -> Bool {
    guard let next = Instant.earliest(carrier.nextDeadline, nodes.nextDeadline), next <= end else {
      return false
    }
    now = max(now, next)
    nodes.advance(to: now)
    carrier.advance(to: now)
    return true
  }

  /// Advances the clock to `end`. Nothing may be due before.
  func rest(until end: Instant) { now = max(now, end) }
}
