/// A node's place in the tree that rounds run along.
struct Route: Equatable {
  /// The node at the top: its rounds are the clock.
  var root: Int
  /// The number of hops to it.
  var depth: Int
  /// The root's stamp when it was last heard of, over however many hops; zero if it never was.
  var rootStamp: Timestamp

  /// The place of a node whose parent has this place.
  var below: Route { Route(root: root, depth: depth + 1, rootStamp: rootStamp) }

  /// Whether its root is the same, and was heard of later.
  func isLater(than other: Route?) -> Bool {
    other.map { root == $0.root && rootStamp > $0.rootStamp } ?? false
  }
}
