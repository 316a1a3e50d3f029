/// Finds the bytes of a string that need special treatment, eight at a time.
///
/// A mask is 0 if there is none. Otherwise its lowest bit is the high bit of the lowest such byte. Higher
/// bits may be wrong, since a subtraction borrows from the bytes above a hit. (Mycroft's test for a zero
/// byte in a word, 1987.)
enum SpecialBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// Marks what a JSON writer must escape: control characters, quotes and backslashes.
  @inline(__always)
  static func escapeMask(_ word: UInt64) -> UInt64 {
    let quotes = word ^ (ones &* UInt64(ASCII.quote))
    let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
    let hits =
      ((word &- (ones &* 0x20)) & ~word)
      | ((quotes &- ones) & ~quotes)
      | ((backslashes &- ones) & ~backslashes)
    return hits & (ones &* 0x80)
  }

  /// Marks where a JSON reader must stop: at those, and at everything beyond ASCII.
  @inline(__always)
  static func stopMask(_ word: UInt64) -> UInt64 { escapeMask(word) | (word & (ones &* 0x80)) }

  @inline(__always)
  static func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == ASCII.quote || byte == ASCII.backslash
  }
}

extension UnsafeRawPointer {
  /// Eight bytes, the first of them lowest.
  @inline(__always)
  var littleEndianWord: UInt64 { UInt64(littleEndian: loadUnaligned(as: UInt64.self)) }

  /// Fewer than eight bytes, the first of them lowest, with spaces for the rest. Reads no byte beyond them:
  /// it combines two loads that overlap.
  @inline(__always)
  func littleEndianWord(count: Int) -> UInt64 {
    let spaces: UInt64 = 0x2020_2020_2020_2020
    let bits = UInt64(truncatingIfNeeded: 8 * count)
    switch count {
    case 4...:
      let low = UInt64(UInt32(littleEndian: loadUnaligned(as: UInt32.self)))
      let high = UInt64(UInt32(littleEndian: loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)))
      return low | high &<< (bits &- 32) | spaces &<< bits
    case 1...:
      let first = UInt64(load(as: UInt8.self))
      let middle = UInt64(load(fromByteOffset: count / 2, as: UInt8.self))
      let last = UInt64(load(fromByteOffset: count - 1, as: UInt8.self))
      return first | middle &<< UInt64(8 * (count / 2)) | last &<< (bits &- 8) | spaces &<< bits
    default:
      return spaces
    }
  }
}
