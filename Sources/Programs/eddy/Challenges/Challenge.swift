/// A challenge of Fly.io's Gossip Glomers, with the limits given on its page, or a chapter of Maelstrom's guide.
public struct Challenge: Sendable {
  /// A figure that can have a limit.
  public enum Figure: CaseIterable, Sendable {
    /// Messages between servers per operation.
    case messagesPerOperation
    /// The median time from an acknowledgement to the last read that missed the value, in milliseconds.
    case medianLatency
    /// The longest of these times, in milliseconds.
    case longestLatency
    /// The fraction of operations that succeeded, from 0 to 1.
    case okFraction
  }

  /// A limit of a figure.
  public enum Limit: Sendable {
    /// The figure must be less than this.
    case below(Double)
    /// The figure must be this or more.
    case atLeast(Double)

    /// Whether a figure meets the limit. A missing figure does not.
    public func isMet(by value: Double?) -> Bool {
      guard let value else { return false }
      return switch self {
      case .below(let bound): value < bound
      case .atLeast(let bound): value >= bound
      }
    }
  }

  /// The number on Fly.io's list, such as `3d`; a dash for what is not on it.
  public let number: String
  /// The name of its runs, as in the Makefile's target `maelstrom-NAME`, such as `broadcast-3d`.
  public let name: String
  /// Limits in addition to the verdict.
  public let limits: [Figure: Limit]

  init(_ number: String, _ name: String, _ limits: [Figure: Limit] = [:]) {
    (self.number, self.name, self.limits) = (number, name, limits)
  }

  /// All challenges in order, as on https://fly.io/dist-sys/ in 2026, then Maelstrom's chapters on consensus and on
  /// transactions. Challenge 6b requires two runs.
  public static let all: [Challenge] = [
    Challenge("1", "echo"),
    Challenge("2", "unique-ids", [.okFraction: .atLeast(1)]),
    Challenge("3a", "broadcast-3a"),
    Challenge("3b", "broadcast-3b"),
    Challenge("3c", "broadcast-3c"),
    Challenge(
      "3d", "broadcast-3d",
      [.messagesPerOperation: .below(30), .medianLatency: .below(400), .longestLatency: .below(600)]),
    Challenge(
      "3e", "broadcast-3e",
      [.messagesPerOperation: .below(20), .medianLatency: .below(1000), .longestLatency: .below(2000)]),
    Challenge("4", "g-counter"),
    Challenge("5a", "kafka-5a"),
    Challenge("5b", "kafka-5b"),
    Challenge("5c", "kafka-5c"),
    Challenge("6a", "txn-6a", [.okFraction: .atLeast(1)]),
    Challenge("6b", "txn-6b-healthy"),
    Challenge("6b", "txn-6b-partition", [.okFraction: .atLeast(1)]),
    Challenge("6c", "txn-6c", [.okFraction: .atLeast(1)]),
    Challenge("-", "lin-kv"),
    Challenge("-", "txn-list-append"),
  ]
}
