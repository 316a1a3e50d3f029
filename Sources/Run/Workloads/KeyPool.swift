import EddyNode

/// The keys that a workload reads and writes. Keys differ in popularity, each has a limited number of writes,
/// and a key that has reached it is replaced by a new one. After Elle's `wr-txns`.
///
/// The values written to a key are 1, 2, 3, …, so every write of a key has its own value. Each key of the
/// pool is drawn twice as often as the one before it.
struct KeyPool {
  enum Access: Equatable {
    case read(key: Int)
    case write(key: Int, value: Int)

    var key: Int {
      switch self {
      case .read(let key), .write(let key, _): key
      }
    }
  }

  private struct Key {
    var name: Int
    var nextValue = 1
  }

  private let maxWritesPerKey: Int
  private var keys: [Key]

  /// - Parameters:
  ///   - count: The number of keys in the pool at a time.
  ///   - maxWritesPerKey: The number of writes after which a key is replaced.
  init(count: Int, maxWritesPerKey: Int) {
    precondition(
      count > 0 && maxWritesPerKey > 0, "the number of keys and of writes per key must be positive")
    self.maxWritesPerKey = maxWritesPerKey
    keys = (0..<count).map { Key(name: $0) }
  }

  /// The number of keys that have been in the pool.
  var keyCount: Int { keys.map(\.name).max()! + 1 }

  /// Draws a read or a write with equal probability.
  mutating func next(_ random: inout SeededGenerator) -> Access {
    while true {
      let isRead = random.below(2) == 0
      let index = drawIndex(&random)
      let key = keys[index]
      if isRead { return .read(key: key.name) }
      if key.nextValue <= maxWritesPerKey {
        keys[index].nextValue += 1
        return .write(key: key.name, value: key.nextValue)
      }
      keys[index] = Key(name: keyCount)
    }
  }

  /// Draws an index: the last one with probability 1/2, the one before with 1/4, and so on.
  private func drawIndex(_ random: inout SeededGenerator) -> Int {
    while true {
      let tails = random.next().leadingZeroBitCount
      if tails < keys.count { return keys.count - 1 - tails }
    }
  }
}
