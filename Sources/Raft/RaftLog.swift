/// The entries of a node's log after ``base``, the place up to which they were compacted away.
struct RaftLog {
  /// The place of the last entry that is not kept.
  private(set) var base = Position.zero
  private var entries: [Entry] = []
  /// The weight of the entries kept, in bytes.
  private(set) var byteCount = 0

  /// The place of the last entry.
  var last: Position {
    Position(term: entries.last?.term ?? base.term, index: base.index + entries.count)
  }

  /// The entry at an index after ``base``, at most that of ``last``.
  subscript(index: Int) -> Entry { entries[index - base.index - 1] }

  /// The term of the entry at `index`; nil if it is not known.
  func term(at index: Int) -> Int? {
    if index == base.index { return base.term }
    guard index > base.index, index <= last.index else { return nil }
    return self[index].term
  }

  /// The position at `index`, which is known.
  func position(at index: Int) -> Position? { term(at: index).map { Position(term: $0, index: index) } }

  /// Entries from `index` on: as many as weigh at most `limit` bytes, and at least one if there is one.
  func entries(from index: Int, limit: Int) -> [Entry] {
    let start = index - base.index - 1
    guard start < entries.count else { return [] }
    var (end, weight) = (start, 0)
    while end < entries.count, end == start || weight + entries[end].byteCount <= limit {
      weight += entries[end].byteCount
      end += 1
    }
    return Array(entries[start..<end])
  }

  /// The last index whose entry has at most `term`: where a log of that term may agree with this one.
  func lastIndex(ofTermAtMost term: Int, from index: Int) -> Int {
    var index = min(index, last.index)
    while index > base.index, self[index].term > term { index -= 1 }
    return index
  }

  mutating func append(_ entry: Entry) {
    entries.append(entry)
    byteCount += entry.byteCount
  }

  /// Removes all entries after `index`, which is not before ``base``.
  mutating func truncate(after index: Int) {
    guard index < last.index else { return }
    precondition(index >= base.index, "what a snapshot holds is committed")
    byteCount -= entries[(index - base.index)...].reduce(0) { $0 + $1.byteCount }
    entries.removeLast(last.index - index)
  }

  /// Forgets all entries up to `index`, which is in the log.
  mutating func compact(through index: Int) {
    guard index > base.index, let position = position(at: index) else { return }
    let dropped = entries.prefix(index - base.index)
    byteCount -= dropped.reduce(0) { $0 + $1.byteCount }
    entries.removeFirst(dropped.count)
    base = position
  }

  /// Forgets all entries: the log begins after `position`.
  mutating func reset(to position: Position) {
    entries = []
    byteCount = 0
    base = position
  }
}
