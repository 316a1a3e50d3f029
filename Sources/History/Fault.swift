/// What can be made to go wrong; `--nemesis`.
public enum Fault: String, Sendable, CaseIterable {
  /// Messages between some nodes are dropped.
  case partition
  /// Nodes are killed, and later started again.
  case kill
  /// Nodes are stopped, and later go on.
  case pause
  /// Messages between nodes get lost at random.
  case loss
  /// Messages between nodes arrive twice at random.
  case duplicate
}
