import EddyNetwork
import EddyNode
import EddyTiming

/// Conditions of a simulated run from start to end, in addition to the faults of the nemesis.
public struct Conditions: Sendable, Equatable {
  /// The largest offset of a node's clock at the start, in either direction, in milliseconds.
  public var clockSkew = 0
  /// The largest deviation of a clock's speed, in parts per million.
  public var clockDrift = 0
  /// The largest jump of a node's wall clock, in milliseconds; 0 for none. For programs only: Eddy's own nodes read no
  /// wall clock.
  public var clockJump = 0
  /// The number of slow nodes. Each delays a message by up to ``processingDelay``.
  public var slowNodes = 0
  /// The largest processing delay of slow nodes, in milliseconds.
  public var processingDelay = 50

  /// The largest deviation of a link's latency from the mean, in per cent.
  public var linkSpread = 0

  /// The nodes' disks; nil if they have none.
  public var disks: DiskConditions?

  /// Creates conditions without offsets, drift, slow nodes, spread or disks.
  public init() {}

  /// Gives the nodes disks, unless they have some.
  mutating func giveDisks() { if disks == nil { disks = DiskConditions() } }

  func apply(to nodes: any VirtualNodes, _ network: inout Network, count: Int, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    if linkSpread > 0 { network.spreadLinks(by: Double(linkSpread) / 100, &random) }
    for node in 0..<count where clockSkew > 0 || clockDrift > 0 {
      // Offsets are from 0 to twice the skew, because a monotonic clock is never negative.
      let skew = Duration.milliseconds(random.below(2 * clockSkew + 1))
      nodes.setClock(
        SkewedClock(offset: skew, drift: random.below(2 * clockDrift + 1) - clockDrift), of: node)
    }
    if clockJump > 0 { nodes.setClockJumps(upTo: .milliseconds(clockJump)) }
    for node in random.shuffle(Array(0..<count)).prefix(slowNodes) {
      nodes.setProcessingDelay(.milliseconds(processingDelay), of: node)
    }
  }
}
