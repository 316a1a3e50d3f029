import EddyHistory
import EddyNode

/// Reads the values of operations on registers: `[key, value]`, and `[key, [from, to]]` for a compare-and-set.
///
/// A history of a single register may lack the keys: `value` and `[from, to]`.
struct RegisterArguments {
  /// The key and the values of one operation.
  struct Parts {
    var key: Int32
    var first: Int32
    /// The second value of a compare-and-set.
    var second: Int32
  }

  var values = RegisterValues()
  /// Whether operations name a key.
  let isKeyed: Bool

  /// Decides by the first write or compare-and-set whether operations name a key.
  init(_ history: History) {
    let first = history.operations.first { $0.isClient && ["write", "cas"].contains($0.function) }
    guard let first, let value = first.value?.decoded() else {
      isKeyed = true
      return
    }
    if case .array(let parts) = value, parts.count == 2 {
      if first.function == "cas", case .array(let pair) = parts[1] {
        isKeyed = pair.count == 2
      } else {
        isKeyed = first.function == "write"
      }
    } else {
      isKeyed = false
    }
  }

  /// The number of `null`, which stands for a missing key.
  mutating func null() -> Int32 { values.null }

  /// The parts of an operation's value; nil if it has another form.
  mutating func parts(of value: RawJSON?, isPair: Bool) -> Parts? {
    guard let value else { return isKeyed || isPair ? nil : Parts(key: 0, first: values.null, second: 0) }
    guard isKeyed else {
      return isPair ? pair(value, key: 0) : Parts(key: 0, first: values.id(of: value), second: 0)
    }
    if let parts = Self.integers(value, isPair: isPair) { return parts }
    guard let (key, rest) = Self.elements(value) else { return nil }
    let id = values.id(of: key)
    return isPair ? pair(rest, key: id) : Parts(key: id, first: values.id(of: rest), second: 0)
  }

  private mutating func pair(_ value: RawJSON, key: Int32) -> Parts? {
    guard let (from, to) = Self.elements(value) else { return nil }
    return Parts(key: key, first: values.id(of: from), second: values.id(of: to))
  }

  /// The elements of an array of two.
  private static func elements(_ value: RawJSON) -> (RawJSON, RawJSON)? {
    var reader = value.reader
    let elements = try? reader.readArray { (reader) throws(JSONError) in try reader.readRaw() }
    guard let elements, elements.count == 2 else { return nil }
    return (elements[0], elements[1])
  }

  /// The parts of a value that has small integers only and no white space, as a workload's has; nil for any
  /// other.
  private static func integers(_ value: RawJSON, isPair: Bool) -> Parts? {
    value.bytes.withContiguousStorageIfAvailable { bytes in
      var position = 0
      func take(_ byte: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
      }
      func takeInteger() -> Int32? {
        let start = position
        var integer: Int32 = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
          guard position - start < 9, position == start || integer > 0 else { return nil }
          integer = integer * 10 + Int32(digit)
          position += 1
        }
        return position > start ? integer : nil
      }
      guard take("["), let key = takeInteger(), take(",") else { return nil }
      if !isPair {
        guard let first = takeInteger(), take("]"), position == bytes.count else { return nil }
        return Parts(key: key, first: first, second: 0)
      }
      guard take("["), let first = takeInteger(), take(","), let second = takeInteger(), take("]"), take("]"),
        position == bytes.count
      else { return nil }
      return Parts(key: key, first: first, second: second)
    } ?? nil
  }
}
