/// A challenge of Fly.io's Gossip Glomers, with the limits that its page sets.
public struct Challenge: Sendable {
  /// What a limit is set to.
  public enum Figure: CaseIterable, Sendable {
    /// Messages between servers for each operation.
    case messagesPerOperation
    /// From an acknowledgement to the last read that missed the value, in milliseconds: the median.
    case medianLatency
    /// The longest of these.
    case longestLatency
    /// The part of all operations that succeeded, from 0 to 1.
    case okFraction
  }

  /// How far a figure may go.
  public enum Limit: Sendable {
    /// It must be less than this.
    case below(Double)
    /// It must be this or more.
    case atLeast(Double)

    /// Whether a figure keeps to it. One that nobody has measured does not.
    public func isMet(by value: Double?) -> Bool {
      guard let value else { return false }
      return switch self {
      case .below(let bound): value < bound
      case .atLeast(let bound): value >= bound
      }
    }
  }

  /// The number on Fly.io's list, such as `3d`.
  public let number: String
  /// The name of its runs: what follows `maelstrom-` in the Makefile's target, such as `broadcast-3d`.
  public let name: String
  /// Limits beside the verdict.
  public let limits: [Figure: Limit]

  init(_ number: String, _ name: String, _ limits: [Figure: Limit] = [:]) {
    (self.number, self.name, self.limits) = (number, name, limits)
  }

  /// All of them in their order, as on https://fly.io/dist-sys/ in 2026. The sixth asks in 6b for two
  /// runs.
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
  ]
}
