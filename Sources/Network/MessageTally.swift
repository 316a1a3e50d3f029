import EddyHistory
import EddyNode

/// A count of messages by sender, receiver and type.
public struct MessageTally: Sendable {
  /// A kind of message.
  public struct Kind: Hashable, Sendable {
    /// The message's `src`.
    public var source: String
    /// The message's `dest`.
    public var destination: String
    /// The type of the message's body.
    public var type: String
  }

  /// The largest number of kinds counted separately. It bounds memory: a node may send to arbitrary names.
  private static let kindLimit = 1000

  /// The number of messages.
  public private(set) var count = 0
  private var counts: [Kind: Int] = [:]

  mutating func add(_ message: Message) {
    count += 1
    let kind = Kind(source: message.source, destination: message.destination, type: message.type)
    let isKnown = counts[kind] != nil || counts.count < Self.kindLimit
    counts[isKnown ? kind : Kind(source: "others", destination: "others", type: "others"), default: 0] += 1
  }

  /// The kinds, in descending order of their counts.
  public var kinds: [(kind: Kind, count: Int)] {
    counts.map { (kind: $0.key, count: $0.value) }.sorted { a, b in
      (-a.count, a.kind.source, a.kind.destination, a.kind.type)
        < (-b.count, b.kind.source, b.kind.destination, b.kind.type)
    }
  }

  fileprivate static func sum(_ counts: [Int]) -> Int { counts.reduce(0, +) }

  /// The sender of the most messages and what it sent, such as `n0 sent 900, most of them "gossip" to n2
  /// (850)`; nil if there are no messages.
  package var topSender: String? {
    let kinds = kinds
    let perSource = Dictionary(grouping: kinds, by: \.kind.source).mapValues { Self.sum($0.map(\.count)) }
    guard let worst = perSource.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      let most = kinds.first(where: { $0.kind.source == worst.key })
    else { return nil }
    let share =
      most.count == worst.value ? "all" : 2 * most.count > worst.value ? "most" : "the largest share"
    return "\(worst.key) sent \(worst.value.grouped), \(share) of them "
      + "\"\(most.kind.type)\" to \(most.kind.destination)"
      + (most.count == worst.value ? "" : " (\(most.count.grouped))")
  }
}

extension Journal {
  /// The largest number of senders named in a sentence.
  private static let namedSenders = 5

  /// A sentence on how many messages each node sent in the whole run, in descending order.
  ///
  /// - Parameters:
  ///   - nodes: The nodes' names in the cluster's order.
  ///   - operations: How many operations clients have invoked.
  package func senders(nodes: [String], operations: Int) -> String {
    func figures(_ count: Int) -> String {
      operations > 0 ? "\(count.grouped) (\((count / operations).grouped) per operation)" : count.grouped
    }
    let busiest = nodeSendCounts.enumerated().filter { $0.element > 0 }.sorted {
      (-$0.element, $0.offset) < (-$1.element, $1.offset)
    }
    let total = MessageTally.sum(nodeSendCounts)
    var parts = busiest.prefix(Self.namedSenders).map { "\(nodes[$0.offset]) sent \(figures($0.element))" }
    let others = busiest.dropFirst(Self.namedSenders)
    if !others.isEmpty {
      let rest = MessageTally.sum(others.map(\.element))
      parts.append("\(others.count.counted("other node")) sent \(rest.grouped)")
    }
    let list = parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
    let reference = operations > 0 ? " for \(operations.counted("operation"))" : ""
    return "The nodes sent \(total.counted("message"))\(reference)\(list)."
  }

  /// Sentences on the messages that are left out: how many, why, and who sent them. Nil if all are kept.
  ///
  /// - Parameters:
  ///   - nodes: The nodes' names in the cluster's order.
  ///   - operations: How many operations clients have invoked.
  public func omission(nodes: [String], operations: Int) -> String? {
    guard omitted.count > 0 else { return nil }
    let kept = messageCount - omitted.count
    let sender = omitted.topSender.map { ": of these \($0)" } ?? ""
    return """
      \(senders(nodes: nodes, operations: operations)) \
      A run keeps at most \(budget.messages.grouped) messages or \(budget.bytes >> 20) MiB of them, \
      so that memory and files stay bounded. \
      Of \(messageCount.counted("message")), those of clients and services included, the first and the last are \
      kept, \(kept.grouped) in all. \
      \(omitted.count.grouped) are left out\(sender). The counts in the results are exact.
      """
  }

  /// A count of the last messages sent, as far as they are in memory. Of streamed messages, the last
  /// ``RecordStream/latestCount`` are.
  ///
  /// - Parameter count: The largest number of messages to count.
  package func last(_ count: Int) -> MessageTally {
    var tally = MessageTally()
    for id in max(0, messageCount - count)..<messageCount { entry(of: id).map { tally.add($0.message) } }
    return tally
  }
}
