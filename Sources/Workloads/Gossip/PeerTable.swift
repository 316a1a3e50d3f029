/// What a node knows of one peer, beside its place in the tree and its latencies.
struct Peer {
  /// The peer's latest incarnation that was heard of; nil if none was. All else is about that one.
  private(set) var incarnation: Int?
  /// Whether the peer has shown that it knows this node's incarnation.
  var knowsThisNode = false
  var progress = PeerProgress()
  var antiEntropy = AntiEntropy()
  /// The number of the next round to the peer.
  private var nextRound = 0
  /// The number of the next round expected from it.
  private var expectedRound = 0

  /// Whether a tick has to look at the peer.
  var isPending: Bool { progress.isPending || antiEntropy.isPending }

  /// Notes the peer's incarnation, which is not an earlier one than that known. Returns whether the peer has
  /// been started again: then everything is forgotten that its former incarnation had, said or asked.
  mutating func noteIncarnation(_ incarnation: Int) -> Bool {
    defer { self.incarnation = incarnation }
    guard let known = self.incarnation, incarnation > known else { return false }
    knowsThisNode = false
    progress.reset()
    antiEntropy.reset()
    (nextRound, expectedRound) = (0, 0)
    return true
  }

  /// Numbers the round that is about to be sent.
  mutating func takeRoundNumber() -> Int {
    defer { nextRound += 1 }
    return nextRound
  }

  /// Takes the number of a round that came. Returns whether a round before it is missing.
  mutating func noteRound(_ number: Int) -> Bool {
    defer { expectedRound = max(expectedRound, number + 1) }
    return number > expectedRound
  }
}

/// What a node knows of all nodes of its cluster, by their indices.
///
/// Invariant 6: ``pendingIndices`` are those of the peers with something pending. A tick looks at these only:
/// of a thousand peers all but a few have nothing.
struct PeerTable {
  private var peers: [Peer]
  private var pending: Set<Int> = []

  init(count: Int) { peers = Array(repeating: Peer(), count: count) }

  var count: Int { peers.count }
  var indices: Range<Int> { peers.indices }

  /// The indices of the peers that a tick has to look at, ascending. O(k log k), where k is their number.
  var pendingIndices: [Int] { pending.sorted() }

  subscript(peer: Int) -> Peer {
    get { peers[peer] }
    _modify {
      let wasPending = peers[peer].isPending
      defer {
        if peers[peer].isPending != wasPending {
          if wasPending { pending.remove(peer) } else { pending.insert(peer) }
        }
      }
      yield &peers[peer]
    }
  }
}
