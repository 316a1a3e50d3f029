import EddyHistory
import EddyNode

/// Assigns numbers to the JSON values of registers and keys. Equal numbers are equal values.
///
/// Integers that are small and not negative are their own numbers, so that a history of a million different
/// values costs no table.
struct RegisterValues {
  private static let firstInterned = 1 << 30
  private var others = JSONInterner()

  /// The number of `null`, which stands for a missing key.
  private(set) lazy var null = id(of: RawJSON.null)

  mutating func id(of value: RawJSON) -> Int32 {
    if let integer = value.bytes.smallInteger { return integer }
    return Int32(Self.firstInterned + others.id(of: value))
  }

  /// The value with a number.
  func value(_ id: Int32) -> RawJSON {
    id < Self.firstInterned ? RawJSON(Int(id)) : others.values[Int(id) - Self.firstInterned]
  }
}

extension String.UTF8View {
  /// The integer that the text is the shortest spelling of, if it has at most nine digits and no sign.
  fileprivate var smallInteger: Int32? {
    var integer: Int32 = 0
    var count = 0
    for byte in self {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10, count < 9, count == 0 || integer > 0 else { return nil }
      integer = integer * 10 + Int32(digit)
      count += 1
    }
    return count > 0 ? integer : nil
  }
}
