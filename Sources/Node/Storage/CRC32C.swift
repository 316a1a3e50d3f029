/// The checksum CRC-32C (Castagnoli): RFC 3720, section 12.1. It finds every change of up to 32 adjacent bits.
struct CRC32C {
  /// The checksum of the bytes so far.
  var value: UInt32 { ~state }

  private var state: UInt32 = ~0

  /// The polynomial 1EDC6F41 with its bits reversed.
  private static let polynomial: UInt32 = 0x82F6_3B78

  /// The effect of each byte in each of eight places before the end, so that eight bytes take one step.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ polynomial : remainder >> 1 }
      tables[byte] = remainder
    }
    for index in 256..<(8 * 256) {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()

  /// Adds bytes. O(count).
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    Self.tables.withUnsafeBufferPointer { tables in
      var state = state
      var index = 0
      while index + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let mixed = word ^ UInt64(state)
        state = 0
        for place in 0..<8 {
          state ^= tables[(7 - place) << 8 + Int(truncatingIfNeeded: mixed >> (8 * UInt64(place)) & 0xFF)]
        }
        index += 8
      }
      while index < bytes.count {
        state = state >> 8 ^ tables[Int((state ^ UInt32(bytes[index])) & 0xFF)]
        index += 1
      }
      self.state = state
    }
  }

  /// Adds an integer's bytes, the least significant first.
  mutating func add<Integer: FixedWidthInteger>(_ integer: Integer) {
    withUnsafeBytes(of: integer.littleEndian) { add($0) }
  }
}
