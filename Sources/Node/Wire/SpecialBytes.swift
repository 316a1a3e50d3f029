/// Finds bytes that need a closer look inside a string, eight at a time.
///
/// The masks have the high bit of the lowest such byte set and no bit below it, and are 0 if there
/// is none: a subtraction borrows only from bytes above a hit, so higher bits may lie and the lowest
/// cannot.
enum SpecialBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// Marks what a JSON writer must escape: controls, quotes and backslashes.
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

  /// Marks what a JSON reader must look at: that, and everything beyond ASCII.
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

  /// Fewer than eight bytes, the first of them lowest, with spaces in place of the rest. Reads no
  /// byte beyond them; the two halves overlap instead.
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
