/// A node's links to all nodes of its cluster, by their places, and which of them a tick has to look at:
/// of a thousand peers all but a few have nothing pending.
struct Links {
  private var links: [Link]
  /// The places of those with something pending.
  private var pending: Set<Int> = []

  init(count: Int) { links = Array(repeating: Link(), count: count) }

  var count: Int { links.count }
  var indices: Range<Int> { links.indices }
  /// The places of those with something pending, ascending. O(k log k), where k is their number.
  var withSomethingPending: [Int] { pending.sorted() }

  subscript(peer: Int) -> Link {
    get { links[peer] }
    _modify {
      let wasPending = links[peer].isPending
      defer {
        if links[peer].isPending != wasPending {
          if wasPending { pending.remove(peer) } else { pending.insert(peer) }
        }
      }
      yield &links[peer]
    }
  }
}
