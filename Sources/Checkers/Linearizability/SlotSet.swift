/// A set of slots: small numbers that operations hold while they are pending.
protocol SlotSet: Hashable {
  /// The empty set, for this number of slots.
  init(capacity: Int)
  func contains(_ slot: Int) -> Bool
  mutating func insert(_ slot: Int)
  mutating func remove(_ slot: Int)
  func union(_ other: Self) -> Self
  func intersection(_ other: Self) -> Self
  func subtracting(_ other: Self) -> Self
  func symmetricDifference(_ other: Self) -> Self
  var isEmpty: Bool { get }
  /// Calls `body` with every slot, ascending.
  func forEachSlot(_ body: (Int) -> Void)
}

/// Up to 64 slots.
struct NarrowSlotSet: SlotSet {
  static let limit = 64
  private var bits: UInt64

  init(capacity: Int) {
    precondition(capacity <= Self.limit)
    bits = 0
  }

  private init(bits: UInt64) { self.bits = bits }

  func contains(_ slot: Int) -> Bool { bits & (1 << UInt64(slot)) != 0 }
  mutating func insert(_ slot: Int) { bits |= 1 << UInt64(slot) }
  mutating func remove(_ slot: Int) { bits &= ~(1 << UInt64(slot)) }
  func union(_ other: Self) -> Self { Self(bits: bits | other.bits) }
  func intersection(_ other: Self) -> Self { Self(bits: bits & other.bits) }
  func subtracting(_ other: Self) -> Self { Self(bits: bits & ~other.bits) }
  func symmetricDifference(_ other: Self) -> Self { Self(bits: bits ^ other.bits) }
  var isEmpty: Bool { bits == 0 }

  @inline(__always)
  func forEachSlot(_ body: (Int) -> Void) {
    var rest = bits
    while rest != 0 {
      body(rest.trailingZeroBitCount)
      rest &= rest - 1
    }
  }
}

/// Up to 256 slots.
struct MediumSlotSet: SlotSet {
  static let limit = 256
  private var words: SIMD4<UInt64>

  init(capacity: Int) {
    precondition(capacity <= Self.limit)
    words = .zero
  }

  private init(words: SIMD4<UInt64>) { self.words = words }

  func contains(_ slot: Int) -> Bool { words[slot >> 6] & (1 << UInt64(slot & 63)) != 0 }
  mutating func insert(_ slot: Int) { words[slot >> 6] |= 1 << UInt64(slot & 63) }
  mutating func remove(_ slot: Int) { words[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
  func union(_ other: Self) -> Self { Self(words: words | other.words) }
  func intersection(_ other: Self) -> Self { Self(words: words & other.words) }
  func subtracting(_ other: Self) -> Self { Self(words: words & ~other.words) }
  func symmetricDifference(_ other: Self) -> Self { Self(words: words ^ other.words) }
  var isEmpty: Bool { words == .zero }

  func forEachSlot(_ body: (Int) -> Void) {
    for index in 0..<4 {
      var rest = words[index]
      while rest != 0 {
        body(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }
}

/// Any number of slots.
struct WideSlotSet: SlotSet {
  private var words: [UInt64]

  init(capacity: Int) { words = Array(repeating: 0, count: (capacity + 63) / 64) }

  func contains(_ slot: Int) -> Bool { words[slot >> 6] & (1 << UInt64(slot & 63)) != 0 }
  mutating func insert(_ slot: Int) { words[slot >> 6] |= 1 << UInt64(slot & 63) }
  mutating func remove(_ slot: Int) { words[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
  func union(_ other: Self) -> Self { combined(other, |) }
  func intersection(_ other: Self) -> Self { combined(other, &) }
  func subtracting(_ other: Self) -> Self { combined(other) { $0 & ~$1 } }
  func symmetricDifference(_ other: Self) -> Self { combined(other, ^) }
  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  private func combined(_ other: Self, _ combine: (UInt64, UInt64) -> UInt64) -> Self {
    var result = self
    for index in words.indices { result.words[index] = combine(words[index], other.words[index]) }
    return result
  }

  func forEachSlot(_ body: (Int) -> Void) {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        body(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }
}
