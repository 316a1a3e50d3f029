/// Who appended an entry: one incarnation of a node.
///
/// A node that is started again has an empty log. If it numbered its entries from 0 again under the same
/// name, others would take them for entries that they know.
struct Origin: Hashable {
  /// The node's index in the cluster.
  var node: Int
  /// Each incarnation of a node has a greater number than those before it.
  var incarnation: Int
}
