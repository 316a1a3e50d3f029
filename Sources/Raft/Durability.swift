/// Which records are durable, and the messages that wait for it.
///
/// A vote, and the report that entries are stored, are said only when they are true after a crash too. A
/// leader's appends do not wait: they claim nothing about the leader's own log (thesis, section 10.2.1).
struct Durability {
  /// How many records were given to the host.
  private(set) var written = 0
  /// How many of them are durable.
  private(set) var durable = 0
  /// Messages in the order in which they were made, each with the number of records that it waits for.
  private var held: [(record: Int, message: RaftMessage, receiver: Int)] = []
  /// The last indices of the log by the record that stores them.
  private var indices: [(record: Int, index: Int)] = []
  /// The last index of the log that is durable.
  private(set) var durableIndex = 0

  /// A log that is stored up to `index`.
  init(durableIndex: Int) { self.durableIndex = durableIndex }

  var isSettled: Bool { durable == written }

  /// Notes a record that leaves the log with `lastIndex`.
  mutating func write(lastIndex: Int) {
    written += 1
    durableIndex = min(durableIndex, lastIndex)
    indices.removeAll { $0.index >= lastIndex }
    indices.append((written, lastIndex))
  }

  mutating func hold(_ message: RaftMessage, for receiver: Int) { held.append((written, message, receiver)) }

  /// Notes that the first `count` records are durable. Returns the messages that need not wait any more.
  mutating func note(_ count: Int) -> [(RaftMessage, Int)] {
    durable = max(durable, min(count, written))
    while let first = indices.first, first.record <= durable {
      durableIndex = first.index
      indices.removeFirst()
    }
    let released = held.prefix { $0.record <= durable }
    held.removeFirst(released.count)
    return released.map { ($0.message, $0.receiver) }
  }
}
