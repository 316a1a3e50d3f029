import EddyNode

/// The threads that share a key, and the key's turn.
///
/// As in Jepsen's `independent/concurrent-generator` with `reserve` and `process-limit`, and Maelstrom's
/// numbers: groups of twice as many threads as there are nodes, each with a key of its own. The first threads
/// of all, as many as there are nodes, only read; the second group and those after it have no readers. A group
/// whose processes number more than 20 for one key goes on with the next key, because each process that crashed
/// has left an operation of unknown outcome.
///
/// Jepsen refuses a number of threads that is no multiple of a group; here the last group takes the rest, and a
/// group that is alone takes what there is. With a number of keys in use, the threads are spread over
/// as many groups, or the keys over the threads; half of each group reads.
struct RegisterGroups {
  /// What a thread does.
  enum Role {
    case read
    /// Writes, or compares and sets.
    case change
  }

  private struct Key {
    var name: Int
    /// The number of processes that crashed while they worked on it.
    var crashes = 0
  }

  private struct Group {
    var threads: Range<Int>
    /// The threads that only read.
    var readers: Range<Int>
    var keys: [Key]
    /// Whether a thread that is not among the readers reads as well: there is only one.
    var isMixed: Bool

    var changers: Range<Int> { readers.upperBound..<threads.upperBound }
  }

  private static let processLimit = 20

  private var groups: [Group]
  private let threadCount: Int
  private var nextKeyName = 0
  /// Where the search for a free thread begins. It moves on by one for each operation, as Jepsen's.
  private var turn = 0

  /// - Parameter keyCount: The number of keys in use at a time; nil for one in each group of 2n threads.
  init(threads: Int, nodes: Int, keyCount: Int?) {
    threadCount = threads
    let count = min(threads, keyCount ?? max(1, threads / (2 * nodes)))
    groups = (0..<count).map { index in
      let size = keyCount == nil && count > 1 ? 2 * nodes : threads / count
      let start = index * size
      let range = start..<(index + 1 == count ? threads : start + size)
      let reading = keyCount == nil ? min(nodes, threads / 2) : range.lowerBound + range.count / 2
      let readers = range.lowerBound..<min(range.upperBound, max(range.lowerBound, reading))
      return Group(
        threads: range, readers: readers, keys: [],
        isMixed: range.count == 1 && (keyCount != nil || count == 1))
    }
    for key in 0..<max(count, keyCount ?? 0) { groups[key % count].keys.append(Key(name: takeKey())) }
  }

  /// A key that has not been used.
  mutating func takeKey() -> Int {
    defer { nextKeyName += 1 }
    return nextKeyName
  }

  /// The thread to invoke the next operation; nil if none is free.
  ///
  /// A group is drawn, in proportion to its threads, then readers or the others, likewise; in these the first
  /// that is free when they take turns. A group or a part without a free thread is left out.
  ///
  /// - Complexity: O(threads).
  mutating func chooseThread(isFree: (Int) -> Bool, _ random: inout SeededGenerator) -> Int? {
    let free = groups.filter { $0.threads.contains(where: isFree) }
    guard let group = Self.draw(free.map(\.threads), &random).map({ free[$0] }) else { return nil }
    let parts = [group.readers, group.changers].filter { $0.contains(where: isFree) }
    guard let part = Self.draw(parts, &random).map({ parts[$0] }) else { return nil }
    defer { turn = (turn + 1) % (threadCount + 1) }
    return part.first { $0 >= turn && isFree($0) } ?? part.first(where: isFree)
  }

  /// The index of a range, drawn in proportion to its length; nil if there is none.
  private static func draw(_ ranges: [Range<Int>], _ random: inout SeededGenerator) -> Int? {
    guard ranges.count > 1 else { return ranges.indices.first }
    var rest = random.below(ranges.map(\.count).reduce(0, +))
    return ranges.firstIndex { range in
      rest -= range.count
      return rest < 0
    }
  }

  /// What a thread does next. One that is alone reads as often as it writes.
  func role(of thread: Int, _ random: inout SeededGenerator) -> Role {
    let group = groups[index(of: thread)]
    if group.isMixed { return random.below(4) == 0 ? .read : .change }
    return group.readers.contains(thread) ? .read : .change
  }

  /// The key of a thread's next operation. A key that is worn out is replaced.
  mutating func nextKey(for thread: Int, _ random: inout SeededGenerator) -> Int {
    let index = index(of: thread)
    let slot = groups[index].keys.count > 1 ? random.below(groups[index].keys.count) : 0
    let size = groups[index].threads.count
    if size + groups[index].keys[slot].crashes > max(size, Self.processLimit) {
      groups[index].keys[slot] = Key(name: takeKey())
    }
    return groups[index].keys[slot].name
  }

  /// Notes that a process has crashed.
  mutating func noteCrash(of process: Int) {
    let index = index(of: process % threadCount)
    for slot in groups[index].keys.indices { groups[index].keys[slot].crashes += 1 }
  }

  private func index(of thread: Int) -> Int {
    min(groups.count - 1, thread / groups[0].threads.count)
  }
}
