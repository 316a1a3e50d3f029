package import EddyNode

/// Writes EDN as Clojure prints it, for Jepsen's tools.
///
/// JSON does not distinguish keywords from strings. By default strings stay strings, and keys of objects
/// become keywords if they can.
package struct EDNWriter {
  /// How a JSON value is written.
  package enum Style {
    /// Strings stay strings; keys of objects become keywords.
    case plain
    /// Strings and keys become keywords if they can.
    case keywords
    /// Strings and keys stay strings.
    case stringKeys
    /// Arrays become sets; strings and keys stay strings.
    case sets
  }

  package init() {}

  package private(set) var bytes: [UInt8] = []

  /// Removes everything written and keeps the capacity.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  package mutating func append(_ text: String) { bytes += text.utf8 }

  /// Writes a keyword, or a string if the name cannot be a keyword.
  mutating func keyword(_ name: String) {
    if name.isKeyword { append(":" + name) } else { string(name) }
  }

  /// Writes a string with the escapes of Clojure's `pr`.
  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if let escape = Self.escapes[byte] {
        bytes += [UInt8(ascii: "\\"), escape]
      } else {
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "\n"): UInt8(ascii: "n"), UInt8(ascii: "\t"): UInt8(ascii: "t"),
    UInt8(ascii: "\r"): UInt8(ascii: "r"), 8: UInt8(ascii: "b"), 12: UInt8(ascii: "f"),
  ]

  /// Writes a JSON value in a style. O(length).
  package mutating func value(_ json: RawJSON, _ style: Style = .plain) {
    var reader = json.reader
    guard (try? value(&reader, style)) != nil else { preconditionFailure("RawJSON is always valid") }
  }

  private mutating func value(_ reader: inout JSONReader, _ style: Style) throws(JSONError) {
    switch reader.peek() {
    case .null:
      try reader.readNull()
      append("nil")
    case .string:
      let text = try reader.readString()
      if style == .keywords { keyword(text) } else { string(text) }
    case .array:
      append(style == .sets ? "#{" : "[")
      try elements(&reader, style)
      append(style == .sets ? "}" : "]")
    case .object:
      try reader.beginObject()
      var isFirst = true
      append("{")
      while let name = try reader.nextKey() {
        if !isFirst { append(", ") }
        isFirst = false
        if style == .plain || style == .keywords { key(name) } else { string(name) }
        append(" ")
        try value(&reader, style)
      }
      append("}")
    case .number: number(try reader.readRaw())
    case .bool, nil: append(try reader.readRaw().description)
    }
  }

  private mutating func elements(_ reader: inout JSONReader, _ style: Style) throws(JSONError) {
    try reader.beginArray()
    var isFirst = true
    while try reader.nextElement() {
      if !isFirst { append(" ") }
      isFirst = false
      try value(&reader, style)
    }
  }

  /// Writes a key: a number if the name is one, as Maelstrom does for quantiles, else a keyword.
  package mutating func key(_ name: String) {
    if Double(name) != nil, name.utf8.first.map({ $0 < UInt8(ascii: ":") }) == true {
      append(name)
    } else {
      keyword(name)
    }
  }

  /// Writes a number, with Clojure's suffix `N` if it is an integer beyond 64 bits.
  private mutating func number(_ number: RawJSON) {
    append(number.description)
    // Every integer of at most 18 bytes fits 64 bits.
    guard number.bytes.count > 18, Int(number.description) == nil else { return }
    let isDigit = { (byte: UInt8) in
      byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    if number.bytes.allSatisfy(isDigit) { append("N") }
  }
}

extension String {
  /// Whether the text after a colon is a keyword that reads back as the same text.
  fileprivate var isKeyword: Bool {
    guard let first = utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      return false
    }
    return utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "*+!-_?<>=.$&%".utf8.contains(byte)
      }
    }
  }
}
