import EddyHistory
package import EddyNode

/// Reads transactions from JSON, and gives their keys and values numbers.
///
/// A transaction is an array of micro-operations: `["r", key, value]`, and `["w", key, value]` for registers or
/// `["append", key, element]` for lists.
package struct TransactionReader {
  /// What a transaction reads and writes.
  package enum DataType {
    case register
    case list
  }

  /// A micro-operation.
  struct Step: Equatable {
    var isWrite: Bool
    var key: Int
    var value: Value
  }

  enum Value: Equatable {
    /// `null`: nothing was written yet, or the read has no result yet.
    case null
    /// The number of a register's value, of an appended element, or of anything that is not a list where
    /// a list is due.
    case single(Int)
    /// A list that was read: a range of ``elements``.
    case list(Range<Int>)
  }

  let type: DataType
  private(set) var keys = JSONInterner()
  private(set) var values = JSONInterner()
  /// The numbers of the elements of all lists in the last transaction that was read.
  private(set) var elements: [Int] = []
  /// The micro-operations of the last transaction that was read.
  private(set) var steps: [Step] = []

  init(_ type: DataType) { self.type = type }

  /// Reads a transaction into ``steps`` and ``elements``. Returns false if the value is not one.
  ///
  /// - Complexity: O(length of the text).
  mutating func read(_ transaction: RawJSON) -> Bool {
    clear()
    let isCompact = transaction.bytes.withContiguousStorageIfAvailable { readCompact($0) } ?? false
    if isCompact { return true }
    clear()
    return (try? readAny(transaction)) ?? false
  }

  private mutating func clear() {
    steps.removeAll(keepingCapacity: true)
    elements.removeAll(keepingCapacity: true)
  }
}

extension TransactionReader {
  /// Whether a reply is a transaction, in which each read of a list has returned one or `null`.
  package static func accepts(_ reply: RawJSON, _ type: DataType) -> Bool {
    var reader = TransactionReader(type)
    return reader.read(reply)
      && reader.steps.allSatisfy { $0.isWrite || type == .register || reader.list($0) != nil }
  }
}

// MARK: - Any transaction

extension TransactionReader {
  private mutating func readAny(_ transaction: RawJSON) throws(JSONError) -> Bool {
    var reader = transaction.reader
    try reader.beginArray()
    while try reader.nextElement() {
      try reader.beginArray()
      guard try reader.nextElement(), let isWrite = isWrite(try reader.readString()),
        try reader.nextElement()
      else { return false }
      let key = keys.id(of: try reader.readRaw())
      guard try reader.nextElement() else { return false }
      let value = value(try reader.readRaw(), isWrite)
      guard try !reader.nextElement() else { return false }
      steps.append(Step(isWrite: isWrite, key: key, value: value))
    }
    return true
  }

  /// Whether a function of this name writes; nil if the data type has no such function.
  private func isWrite(_ name: String) -> Bool? {
    switch (name, type) {
    case ("r", _): false
    case ("w", .register), ("append", .list): true
    default: nil
    }
  }

  private mutating func value(_ value: RawJSON, _ isWrite: Bool) -> Value {
    if type == .list, !isWrite, let list = values.ids(ofElements: value) {
      elements += list
      return .list(elements.count - list.count..<elements.count)
    }
    return value.reader.peek() == .null && !(type == .list && isWrite)
      ? .null : .single(values.id(of: value))
  }
}

// MARK: - Compact transactions

/// What most transactions consist of: no white space, keys and values that are small integers, and lists of
/// them. They are read without creating a value for each part.
extension TransactionReader {
  private mutating func readCompact(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var scanner = CompactScanner(bytes)
    guard scanner.skip("[") else { return false }
    if scanner.skip("]") { return scanner.isAtEnd }
    repeat {
      let isWrite: Bool
      if scanner.skip("[\"r\",") {
        isWrite = false
      } else if scanner.skip(type == .list ? "[\"append\"," : "[\"w\",") {
        isWrite = true
      } else {
        return false
      }
      guard let key = scanner.integer(), scanner.skip(","), let value = compactValue(&scanner, isWrite),
        scanner.skip("]")
      else { return false }
      steps.append(Step(isWrite: isWrite, key: keys.id(ofSmall: key), value: value))
    } while scanner.skip(",")
    return scanner.skip("]") && scanner.isAtEnd
  }

  private mutating func compactValue(_ scanner: inout CompactScanner, _ isWrite: Bool) -> Value? {
    if let integer = scanner.integer() { return .single(values.id(ofSmall: integer)) }
    if !isWrite, scanner.skip("null") { return .null }
    guard type == .list, !isWrite, scanner.skip("[") else { return nil }
    let start = elements.count
    if scanner.skip("]") { return .list(start..<start) }
    repeat {
      guard let integer = scanner.integer() else { return nil }
      elements.append(values.id(ofSmall: integer))
    } while scanner.skip(",")
    return scanner.skip("]") ? .list(start..<elements.count) : nil
  }
}

/// A position in a text of JSON.
private struct CompactScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  /// Moves over `text` if it comes next.
  @inline(__always)
  mutating func skip(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
    position += count
    return true
  }

  /// Reads an integer that ``JSONInterner`` calls small; nil if another value comes next.
  @inline(__always)
  mutating func integer() -> Int? {
    var (end, integer) = (position, 0)
    while end < bytes.count {
      let digit = bytes[end] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      integer = integer * 10 + Int(digit)
      guard JSONInterner.smallIntegers.contains(integer) else { return nil }
      end += 1
    }
    // The next byte tells whether the number goes on, and a leading zero is left to the other reader.
    guard end > position, end < bytes.count,
      bytes[end] == UInt8(ascii: ",") || bytes[end] == UInt8(ascii: "]"),
      end == position + 1 || bytes[position] != UInt8(ascii: "0")
    else { return nil }
    position = end
    return integer
  }
}
