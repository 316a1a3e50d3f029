import EddyNode
import EddyTiming

/// Who this node is, to itself.
///
/// Incarnations are ordered by the time at which they began. A clock may have gone back while a node was down.
/// Then its peers, who know a later incarnation, name that one, and the node takes a still later one, as members
/// of SWIM refute what is said of them (Das et al., "SWIM", 2002).
struct LocalNode {
  let index: Int
  /// Its origins in the log: that of its incarnation, behind those of incarnations that it gave up.
  private(set) var origins: [Int] = []
  /// The stamp of the message sent last.
  private(set) var lastStamp = Timestamp.zero
  /// How many of its entries another node has proved to have.
  private(set) var replicatedCount = 0

  init(index: Int) { self.index = index }

  /// The origin of its incarnation.
  var origin: Int { origins[origins.count - 1] }

  /// Begins an incarnation later than any that was heard of, unless its own is the latest.
  mutating func takeIncarnation(in log: inout ReplicatedLog, at now: Instant, _ random: inout SeededGenerator)
  {
    let latest = log.latestIncarnation(of: index)
    if let current = origins.last, log.origin(at: current).incarnation == latest { return }
    // The high bits are the time in milliseconds. The others are random: a node may start twice within one.
    let bits = Gossip.Options.incarnationRandomBits
    let drawn = Int(now.nanoseconds / 1_000_000) << bits | random.below(1 << bits)
    let incarnation = min(
      max(drawn, latest.map { $0 + 1 } ?? 0, 0), GossipMessage.incarnations.upperBound - 1)
    let origin = log.index(of: Origin(node: index, incarnation: incarnation))
    if origins.last != origin { origins.append(origin) }
  }

  /// A stamp for the next message, later than the one before.
  mutating func takeStamp(at now: Instant) -> Timestamp {
    lastStamp = max(Timestamp(microseconds: lastStamp.microseconds + 1), Timestamp(now))
    return lastStamp
  }

  /// How many entries this node has published.
  func publishedCount(in log: ReplicatedLog) -> Int { origins.reduce(0) { $0 + log.versions[$1] } }

  /// Notes how many of this node's entries a peer has. Returns whether that is more than any peer was known to have.
  mutating func noteReplication(in log: ReplicatedLog, acknowledged: VersionVector) -> Bool {
    var count = 0
    for origin in origins {
      count += min(acknowledged[origin], log.versions[origin])
      if acknowledged[origin] < log.versions[origin] { break }
    }
    guard count > replicatedCount else { return false }
    replicatedCount = count
    return true
  }
}
