/// A set of small non-negative integers, 64 to a word.
///
/// Own code, because a read of a set needs the complement below a bound: ``forEachAbsent(below:_:)`` visits
/// it word by word in place. With swift-collections' `BitSet` each read would build two more sets.
struct BitSet {
  private var words: [UInt64] = []

  /// Inserts a number. Returns false if the set contained it already. Amortized O(1).
  @inline(__always)
  mutating func insert(_ number: Int) -> Bool {
    let word = number >> 6
    let bit = UInt64(1) << UInt64(number & 63)
    while word >= words.count { words.append(0) }
    guard words[word] & bit == 0 else { return false }
    words[word] |= bit
    return true
  }

  /// Removes all numbers and keeps the capacity. O(capacity / 64).
  mutating func removeAll() {
    for word in words.indices { words[word] = 0 }
  }

  /// Calls `body` with every number from 0 to `bound`, exclusive, that is not in the set, ascending.
  ///
  /// - Complexity: O(`bound` / 64 + numbers visited).
  @inline(__always)
  func forEachAbsent(below bound: Int, _ body: (Int) -> Void) {
    var base = 0
    while base < bound {
      var absent = ~(base >> 6 < words.count ? words[base >> 6] : 0)
      if bound - base < 64 { absent &= (1 << UInt64(bound - base)) - 1 }
      while absent != 0 {
        body(base + absent.trailingZeroBitCount)
        absent &= absent - 1
      }
      base += 64
    }
  }
}
