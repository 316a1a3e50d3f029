public import EddyTiming

/// A line of a node's log with its time.
public struct LogLine: Sendable {
  /// When it was written, on the run's clock.
  public var time: Instant
  /// The index of the node in the cluster.
  public var node: Int
  /// The line without its newline.
  public var text: String

  public init(time: Instant, node: Int, text: String) {
    self.time = time
    self.node = node
    self.text = text
  }
}

extension [LogLine] {
  /// The lines of each node, in the order of the nodes.
  public func byNode(of count: Int) -> [[String]] {
    reduce(into: [[String]](repeating: [], count: count)) { $0[$1.node].append($1.text) }
  }
}
