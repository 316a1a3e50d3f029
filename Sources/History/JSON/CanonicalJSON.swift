package import EddyNode

/// A JSON value by what it means, however it was written: fit to be compared, sorted and counted.
///
/// White space, escapes and the order of keys make no difference. Numbers are Maelstrom's: `1` and
/// `1.0` are different values, `1.0` and `10e-1` are one, and integers are exact however long (ids
/// of 128 bits exist), which is why this is not `JSONValue`. Sorted are numbers by value, then
/// strings, then everything else, each by its bytes.
package struct CanonicalJSON: Hashable, Comparable, Sendable {
  /// Compact, with sorted keys and the fewest escapes. Equal for equal values.
  private let text: [UInt8]
  /// A number's value; infinite beyond the range of `Double`.
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
    // Long integers can share a Double: they differ in their digits.
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

  /// Members by the bytes of their keys; of those that share a key the last one counts.
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
  /// The canonical text of a value inside another.
  fileprivate typealias Part = ArraySlice<UInt8>
}

extension RawJSON {
  /// Whether two values mean the same, however they are written.
  package func means(_ other: RawJSON) -> Bool {
    self == other || CanonicalJSON(self) == CanonicalJSON(other)
  }
}
