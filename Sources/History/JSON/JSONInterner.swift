package import EddyNode

/// Assigns ids to JSON values: from 0, in the order of first occurrence.
///
/// Values are equal if their ``CanonicalJSON`` is. A read of a set repeats the elements of earlier reads, so
/// a repeated spelling must be cheap: small integers, which Maelstrom's clients add, are looked up in an
/// array, other values by their text.
package struct JSONInterner {
  package private(set) var values: [RawJSON] = []
  /// By id: the canonical form, for sorting.
  package private(set) var canonical: [CanonicalJSON] = []
  private var ids: [CanonicalJSON: Int] = [:]
  private var idsBySpelling: [RawJSON: Int] = [:]
  /// By integer: its id, or -1.
  private var idsByInteger: [Int32] = []
  /// The integers that are looked up in `idsByInteger`. Bounds it to 4 MiB.
  package static let smallIntegers = 0..<1 << 20

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

  /// The ids of an array's elements, in order; nil if the value is not an array.
  ///
  /// - Complexity: O(n) in the length of the array's text, if its elements are small integers or known.
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

  /// The id of a small integer.
  package mutating func id(ofSmall integer: Int) -> Int {
    if integer < idsByInteger.count, idsByInteger[integer] >= 0 { return Int(idsByInteger[integer]) }
    while idsByInteger.count <= integer { idsByInteger.append(-1) }
    let id = id(of: RawJSON(integer))
    idsByInteger[integer] = Int32(id)
    return id
  }

  /// The ids of the elements of an array that has only small integers and no white space; nil for any other
  /// value.
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
          ids.append(id(ofSmall: integer))
          integer = 0
          hasDigits = false
        }
      }
      return ids
    } ?? nil
  }
}
