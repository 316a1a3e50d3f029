import Node

/// The messages that a journal has left out, counted by sender, receiver and type.
public struct OmittedMessages: Sendable {
  /// A kind of message.
  public struct Kind: Hashable, Sendable {
    /// Who sent it, as the message says.
    public var source: String
    /// Who it was for.
    public var destination: String
    /// The type of its body.
    public var type: String
  }

  /// More kinds than these are not told apart: a node may invent names without end.
  private static let kindLimit = 1000

  /// How many messages there are.
  public private(set) var count = 0
  private var counts: [Kind: Int] = [:]

  mutating func add(_ entry: Journal.Entry) {
    count += 1
    let message = entry.message
    let kind = Kind(source: message.source, destination: message.destination, type: message.type)
    let isKnown = counts[kind] != nil || counts.count < Self.kindLimit
    counts[isKnown ? kind : Kind(source: "others", destination: "others", type: "others"), default: 0] += 1
  }

  /// The kinds, the most frequent first.
  public var kinds: [(kind: Kind, count: Int)] {
    counts.map { (kind: $0.key, count: $0.value) }.sorted { a, b in
      (-a.count, a.kind.source, a.kind.destination, a.kind.type)
        < (-b.count, b.kind.source, b.kind.destination, b.kind.type)
    }
  }
}

extension Journal {
  /// What is left out and who is to blame, in sentences; nil if everything is kept.
  ///
  /// - Parameter operations: How many operations clients have invoked.
  public func omission(operations: Int) -> String? {
    guard omitted.count > 0 else { return nil }
    let kinds = omitted.kinds
    let perSource = Dictionary(grouping: kinds, by: \.kind.source).mapValues {
      $0.reduce(0) { $0 + $1.count }
    }
    let worst = perSource.max { ($0.value, $1.key) < ($1.value, $0.key) }
    var sentences =
      "Of \(messageCount.grouped) messages \((messageCount - omitted.count).grouped) are kept, the first and the last: "
      + "a run keeps at most \(budget.messages.grouped) messages or \(budget.bytes >> 20) MiB of them. "
    if let worst, let kind = kinds.first(where: { $0.kind.source == worst.key }) {
      let each = operations > 0 ? ", \((worst.value / max(1, operations)).grouped) for each operation" : ""
      sentences +=
        "Of the \(omitted.count.grouped) left out \(worst.key) sent \(worst.value.grouped)\(each), most of them "
        + "`\(kind.kind.type)` to \(kind.kind.destination) (\(kind.count.grouped)). "
    }
    return sentences + "What the network carried is counted exactly."
  }
}
