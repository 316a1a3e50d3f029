/// The canonical form of a JSON value, for comparison, sorting and hashing.
///
/// White space, escapes and key order make no difference. Numbers are compared as in Maelstrom: `1` and `1.0`
/// are different, `1.0` and `10e-1` are equal, and integers of any length are exact (ids of 128 bits exist),
/// which `JSONValue` does not provide. The order is numbers by value, then strings, then all other values by
/// their bytes.
package struct CanonicalJSON: Hashable, Comparable, Sendable {
  /// The compact text, with sorted keys and minimal escapes. Equal for equal values.
  private let text: [UInt8]
  /// The value of a number, infinite beyond the range of `Double`; nil for other values.
  private let number: Double?

  /// - Complexity: O(n log n) in the length of the value's text, for sorting keys.
  package init(_ value: RawJSON) {
    var reader = value.reader
    var writer = JSONWriter()
    guard (try? reader.canonicalize(into: &writer)) != nil else {
      preconditionFailure("RawJSON is always valid")
    }
    text = writer.bytes
    number = value.reader.peek() == .number ? Double(String(decoding: text, as: UTF8.self)) : nil
  }

  /// The canonical text.
  package var json: RawJSON { text.withUnsafeBufferPointer { RawJSON(validated: $0) } }

  private enum Rank { static let number = 0, string = 1, other = 2 }

  private var rank: Int {
    number != nil ? Rank.number : text.first == UInt8(ascii: "\"") ? Rank.string : Rank.other
  }

  package static func == (a: CanonicalJSON, b: CanonicalJSON) -> Bool { a.text == b.text }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }

  package static func < (a: CanonicalJSON, b: CanonicalJSON) -> Bool {
    if a.rank != b.rank { return a.rank < b.rank }
    guard let x = a.number, let y = b.number else { return a.text.lexicographicallyPrecedes(b.text) }
    if x != y { return x < y }
    // Long integers may have the same `Double`; then their digits decide.
    let (less, more) = x < 0 ? (b.text, a.text) : (a.text, b.text)
    return less.count == more.count ? less.lexicographicallyPrecedes(more) : less.count < more.count
  }
}

extension JSONReader {
  /// Reads a value and writes it in canonical form.
  fileprivate mutating func canonicalize(into writer: inout JSONWriter) throws(JSONError) {
    switch peek() {
    case .number: try canonicalizeNumber(into: &writer)
    case .string: writer.value(try readString())
    case .array:
      try beginArray()
      var elements: [CanonicalJSON.Part] = []
      while try nextElement() { elements.append(try canonicalPart()) }
      writer.array { for element in elements { $0.encoded(element) } }
    case .object:
      try beginObject()
      var members: [(key: String, value: CanonicalJSON.Part)] = []
      while let key = try nextKey() { members.append((key, try canonicalPart())) }
      writer.object { for (key, value) in sorted(members) { $0.field(key: key) { $0.encoded(value) } } }
    case .null, .bool, nil: writer.value(try readRaw())
    }
  }

  private mutating func canonicalPart() throws(JSONError) -> CanonicalJSON.Part {
    var writer = JSONWriter()
    try canonicalize(into: &writer)
    return writer.bytes[...]
  }

  /// The members sorted by the bytes of their keys. Of members with the same key the last one counts.
  private func sorted(
    _ members: [(key: String, value: CanonicalJSON.Part)]
  ) -> [(key: String, value: CanonicalJSON.Part)] {
    let byKey = members.enumerated().sorted { a, b in
      a.element.key.utf8.elementsEqual(b.element.key.utf8)
        ? a.offset < b.offset : a.element.key.utf8.lexicographicallyPrecedes(b.element.key.utf8)
    }.map(\.element)
    return zip(byKey, byKey.dropFirst().map(Optional.some) + [nil]).filter { member, next in
      next.map { !$0.key.utf8.elementsEqual(member.key.utf8) } ?? true
    }.map(\.0)
  }

  private mutating func canonicalizeNumber(into writer: inout JSONWriter) throws(JSONError) {
    let isNonDigit = { (byte: UInt8) in
      byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }
    var lookahead = self
    let spelling = try lookahead.readRaw()
    let value = try readDouble()
    if spelling.bytes.contains(where: isNonDigit), value.isFinite {
      writer.value(value)
    } else if value == 0 {
      writer.value(0)  // `-0` is the integer 0.
    } else {
      writer.value(spelling)
    }
  }
}

extension CanonicalJSON {
  /// The canonical text of a nested value.
  fileprivate typealias Part = ArraySlice<UInt8>
}

extension RawJSON {
  /// Whether two values have the same canonical form.
  package func means(_ other: RawJSON) -> Bool {
    self == other || CanonicalJSON(self) == CanonicalJSON(other)
  }
}
