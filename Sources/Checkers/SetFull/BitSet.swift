/// A set of small numbers, sixty-four to a word.
struct BitSet {
  private var words: [UInt64] = []

  /// Adds a number; false if it was there.
  @inline(__always)
  mutating func insert(_ number: Int) -> Bool {
    let word = number >> 6
    let bit = UInt64(1) << UInt64(number & 63)
    while word >= words.count { words.append(0) }
    guard words[word] & bit == 0 else { return false }
    words[word] |= bit
    return true
  }

  /// Empties the set, keeping its room.
  mutating func removeAll() {
    for word in words.indices { words[word] = 0 }
  }

  /// Calls `body` with every number below `bound` that is not in the set, ascending.
  ///
  /// - Complexity: O(`bound` / 64 + the numbers found).
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
