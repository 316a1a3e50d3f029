package import EddyNode

/// Numbers JSON values from 0 in the order in which they are first seen.
///
/// Values are told apart by what they mean (``CanonicalJSON``). A read of a set repeats what the
/// reads before it held, so what was seen once in some spelling must cost next to nothing to see
/// again: small integers, which is what Maelstrom's clients add, are looked up in an array.
package struct JSONInterner {
  package private(set) var values: [RawJSON] = []
  /// The values' canonical forms, to sort by.
  package private(set) var canonical: [CanonicalJSON] = []
  private var ids: [CanonicalJSON: Int] = [:]
  private var idsBySpelling: [RawJSON: Int] = [:]
  /// The ids of small integers, or -1.
  private var idsByInteger: [Int32] = []
  /// Bounds the array above to 4 MiB.
  private static let smallIntegers = 0..<1 << 20

  package init() {}

  package var count: Int { values.count }

  package mutating func id(of value: RawJSON) -> Int {
    if let id = idsBySpelling[value] { return id }
    let meaning = CanonicalJSON(value)
    let id = ids[meaning] ?? values.count
    if id == values.count {
      ids[meaning] = id
      values.append(value)
      canonical.append(meaning)
    }
    idsBySpelling[value] = id
    return id
  }

  /// The ids of an array's elements, in their order; nil if the value is no array.
  ///
  /// - Complexity: O(n) in the length of the array's text; a few nanoseconds for each small integer.
  package mutating func ids(ofElements array: RawJSON) -> [Int]? {
    if let ids = idsOfSmallIntegers(array) { return ids }
    var reader = array.reader
    guard (try? reader.beginArray()) != nil else { return nil }
    var ids: [Int] = []
    while (try? reader.nextElement()) == true, let element = try? reader.readRaw() {
      ids.append(id(of: element))
    }
    return ids
  }

  private mutating func id(of integer: Int) -> Int {
    if integer < idsByInteger.count, idsByInteger[integer] >= 0 { return Int(idsByInteger[integer]) }
    while idsByInteger.count <= integer { idsByInteger.append(-1) }
    let id = id(of: RawJSON(integer))
    idsByInteger[integer] = Int32(id)
    return id
  }

  /// As above, for an array of nothing but small integers written without white space; nil for
  /// every other.
  private mutating func idsOfSmallIntegers(_ array: RawJSON) -> [Int]? {
    array.bytes.withContiguousStorageIfAvailable { bytes -> [Int]? in
      guard bytes.count > 2, bytes[0] == UInt8(ascii: "[") else { return nil }
      var ids: [Int] = []
      ids.reserveCapacity(bytes.count / 2)
      var integer = 0
      var hasDigits = false
      for byte in bytes[1...] {
        let digit = byte &- UInt8(ascii: "0")
        if digit < 10 {
          integer = integer * 10 + Int(digit)
          hasDigits = true
          guard Self.smallIntegers.contains(integer) else { return nil }
        } else {
          guard hasDigits, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { return nil }
          ids.append(id(of: integer))
          integer = 0
          hasDigits = false
        }
      }
      return ids
    } ?? nil
  }
}
