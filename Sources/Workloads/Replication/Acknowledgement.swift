/// When a node acknowledges a value that a client gives it.
public enum Acknowledgement: String, Sendable, CaseIterable {
  /// When the node has it in its memory.
  case local
  /// When another node is known to have it too, so that it survives the death of any one node. A single-node
  /// cluster acknowledges at once.
  case replicated
}
