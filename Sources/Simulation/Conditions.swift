import EddyNetwork
import EddyNode
import EddyTiming

/// What simulated nodes suffer from the start to the end, beside the faults of the nemesis.
public struct Conditions: Sendable, Equatable {
  /// How far the nodes' clocks are off at the start, at most, in milliseconds and either direction.
  public var clockSkew = 0
  /// By how much clocks run fast or slow at most, in parts per million.
  public var clockDrift = 0
  /// How many nodes are slow: each takes up to ``sluggishness`` to get round to a message.
  public var slowNodes = 0
  /// In milliseconds.
  public var sluggishness = 50

  /// By how much the latencies of links differ from the mean at most, in per cent.
  public var linkSpread = 0

  /// None of them.
  public init() {}

  func apply(to host: NodeHost, _ network: inout Network, nodes: Int, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    if linkSpread > 0 { network.spreadLinks(by: Double(linkSpread) / 100, &random) }
    for node in 0..<nodes where clockSkew > 0 || clockDrift > 0 {
      // A clock that is behind shows a positive time still: none is monotonic below zero.
      let skew = Duration.milliseconds(random.below(2 * clockSkew + 1))
      host.setClock(.init(offset: skew, drift: random.below(2 * clockDrift + 1) - clockDrift), of: node)
    }
    for node in random.shuffle(Array(0..<nodes)).prefix(slowNodes) {
      host.setSluggishness(.milliseconds(sluggishness), of: node)
    }
  }
}
