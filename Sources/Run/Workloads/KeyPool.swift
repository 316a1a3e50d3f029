import EddyNode

/// The keys that a workload reads and writes: some are popular, each is written only so often, and
/// one that has had its writes retires for a new one. After Elle's `wr-txns`.
///
/// The values written to a key are 1, 2, 3 and so on, so no two writes of a key are alike. Each key
/// of the pool is drawn twice as often as the one before it.
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
  ///   - count: How many keys there are at a time.
  ///   - maxWritesPerKey: How often each is written before it retires.
  init(count: Int, maxWritesPerKey: Int) {
    precondition(count > 0 && maxWritesPerKey > 0, "there must be something to write")
    self.maxWritesPerKey = maxWritesPerKey
    keys = (0..<count).map { Key(name: $0) }
  }

  /// A read or a write, each as likely.
  mutating func next(_ random: inout SeededGenerator) -> Access {
    while true {
      let isRead = random.below(2) == 0
      let place = drawPlace(&random)
      let key = keys[place]
      if isRead { return .read(key: key.name) }
      if key.nextValue <= maxWritesPerKey {
        keys[place].nextValue += 1
        return .write(key: key.name, value: key.nextValue)
      }
      keys[place] = Key(name: keys.map(\.name).max()! + 1)
    }
  }

  /// Tosses a coin for each key from the last one down, until it shows heads.
  private func drawPlace(_ random: inout SeededGenerator) -> Int {
    while true {
      let tails = random.next().leadingZeroBitCount
      if tails < keys.count { return keys.count - 1 - tails }
    }
  }
}
