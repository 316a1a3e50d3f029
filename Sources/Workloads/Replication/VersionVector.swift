/// How many entries of each origin a node has. As logs have no gaps, this is all that one node needs to know of
/// another.
///
/// Version vectors as in Parker et al., "Detection of mutual inconsistency in distributed
/// systems", 1983. Origins are indexed locally, by the node's ``ReplicatedLog``. An origin that is missing
/// counts 0.
struct VersionVector: Equatable {
  private var counts: [Int] = []

  subscript(origin: Int) -> Int { origin < counts.count ? counts[origin] : 0 }

  /// Raises an origin's count; a lower one leaves it as it is. O(1) amortized.
  mutating func raise(_ origin: Int, to count: Int) {
    guard count > self[origin] else { return }
    while counts.count <= origin { counts.append(0) }
    counts[origin] = count
  }

  /// Counts an origin as 0, because its local index is given to another.
  mutating func reset(_ origin: Int) { if origin < counts.count { counts[origin] = 0 } }

  /// Takes the larger count of each origin. O(n).
  mutating func merge(_ other: VersionVector) {
    for origin in other.counts.indices { raise(origin, to: other.counts[origin]) }
  }

  /// Whether it counts at least as many of every origin. O(n).
  func covers(_ other: VersionVector) -> Bool {
    other.counts.indices.allSatisfy { self[$0] >= other.counts[$0] }
  }

  static func == (a: VersionVector, b: VersionVector) -> Bool { a.covers(b) && b.covers(a) }
}
