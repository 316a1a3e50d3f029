/// A node's route to the root of the tree that rounds run along, as in distance-vector routing: destination,
/// distance, and a stamp of the destination that shows how recent the route is.
struct RootRoute: Equatable {
  /// The node at the top: its rounds are the clock.
  var root: Int
  /// The number of hops to it.
  var depth: Int
  /// The root's stamp when it was last heard of, over however many hops; zero if it never was.
  var rootStamp: Timestamp

  /// The route of a node whose parent has this route.
  var below: RootRoute { RootRoute(root: root, depth: depth + 1, rootStamp: rootStamp) }

  /// Whether its root is the same, and was heard of later.
  func isLater(than other: RootRoute?) -> Bool {
    other.map { root == $0.root && rootStamp > $0.rootStamp } ?? false
  }
}
