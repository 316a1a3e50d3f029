/// A cursor over bytes that its owner keeps alive: the grammar of RFC 8259.
///
/// ``JSONReader`` and ``Message`` are its safe interfaces. It validates by moving over what is valid and
/// throwing at what is not. It builds no value, so validating allocates nothing. Offsets count from `base`.
/// Only bytes between the cursor and `end` are read. The cursor is a pointer rather than an index because
/// advancing a pointer is not checked for overflow.
struct JSONScanner {
  let base: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  var cursor: UnsafePointer<UInt8>

  init(_ base: UnsafePointer<UInt8>, from position: Int, to end: Int) {
    self.base = base
    self.end = base + end
    self.cursor = base + position
  }

  /// The cursor's offset.
  var position: Int { cursor - base }

  /// How many arrays and objects may be open at once. Without a limit, which RFC 8259 (section 9) allows, a
  /// line of brackets could exhaust the stack.
  static let nestingLimit = 512

  @inline(__always)
  func error(_ problem: JSONError.Problem) -> JSONError {
    JSONError(cursor < end ? problem : .unexpectedEnd, at: position)
  }

  /// The byte at the cursor; at the end 0, which starts no token.
  @inline(__always)
  var current: UInt8 { cursor < end ? cursor.pointee : 0 }

  /// Moves over the byte if it is the one at the cursor.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard cursor < end, cursor.pointee == byte else { return false }
    cursor += 1
    return true
  }

  /// Moves over white space and returns the byte behind it, 0 at the end.
  @inline(__always)
  @discardableResult
  mutating func skipWhitespace() -> UInt8 {
    let byte = current
    return byte > ASCII.space ? byte : skipMoreWhitespace()
  }

  private mutating func skipMoreWhitespace() -> UInt8 {
    while cursor < end {
      switch cursor.pointee {
      case ASCII.space, ASCII.lineFeed, ASCII.carriageReturn, ASCII.tab: cursor += 1
      case let byte: return byte
      }
    }
    return 0
  }
}

// MARK: - Values

extension JSONScanner {
  /// Moves over one value, in which arrays and objects may nest `nesting` levels deep. The cursor must stand
  /// at its first byte.
  mutating func skipValue(nesting: Int = nestingLimit) throws(JSONError) {
    switch current {
    case ASCII.quote: _ = try skipString()
    case ASCII.minus, ASCII.zero...ASCII.nine: try skipNumber()
    case ASCII.openBrace: try skipObject(nesting: nesting)
    case ASCII.openBracket: try skipArray(nesting: nesting)
    case ASCII.t: try skipLiteral("true")
    case ASCII.f: try skipLiteral("false")
    case ASCII.n: try skipLiteral("null")
    default: throw error(.unexpectedByte)
    }
  }

  /// Moves over one value and returns it as it was written.
  mutating func readRaw(nesting: Int) throws(JSONError) -> RawJSON {
    let start = cursor
    try skipValue(nesting: nesting)
    return RawJSON(validated: UnsafeBufferPointer(start: start, count: cursor - start))
  }

  private mutating func skipArray(nesting: Int) throws(JSONError) {
    guard nesting > 0 else { throw error(.nestedTooDeep) }
    cursor += 1
    if skipWhitespace() == ASCII.closeBracket {
      cursor += 1
      return
    }
    while true {
      try skipValue(nesting: nesting - 1)
      switch skipWhitespace() {
      case ASCII.comma: cursor += 1
      case ASCII.closeBracket:
        cursor += 1
        return
      default: throw error(.expectedCommaOrBracket)
      }
      skipWhitespace()
    }
  }

  private mutating func skipObject(nesting: Int) throws(JSONError) {
    try skipObject(nesting: nesting) { (scanner, _, nesting) throws(JSONError) in
      try scanner.skipValue(nesting: nesting)
    }
  }

  /// Moves over an object. `member` must move over one value; it is passed the key and how many levels deep
  /// the value may nest.
  @inline(__always)
  mutating func skipObject(
    nesting: Int, _ member: (inout JSONScanner, JSONString, Int) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard current == ASCII.openBrace else { throw error(.expectedObject) }
    guard nesting > 0 else { throw error(.nestedTooDeep) }
    cursor += 1
    if skipWhitespace() == ASCII.closeBrace {
      cursor += 1
      return
    }
    while true {
      let key = try skipKey()
      try member(&self, key, nesting - 1)
      switch skipWhitespace() {
      case ASCII.comma: cursor += 1
      case ASCII.closeBrace:
        cursor += 1
        return
      default: throw error(.expectedCommaOrBrace)
      }
      skipWhitespace()
    }
  }

  /// Moves over a key, its colon and the white space around that, to the value.
  @inline(__always)
  mutating func skipKey() throws(JSONError) -> JSONString {
    guard current == ASCII.quote else { throw error(.expectedKey) }
    let key = try skipString()
    guard skipWhitespace() == ASCII.colon else { throw error(.expectedColon) }
    cursor += 1
    skipWhitespace()
    return key
  }

  mutating func skipLiteral(_ literal: StaticString) throws(JSONError) {
    for index in 0..<literal.utf8CodeUnitCount {
      guard take(literal.utf8Start[index]) else { throw error(.malformedLiteral) }
    }
  }

  mutating func readBool() throws(JSONError) -> Bool {
    switch current {
    case ASCII.t:
      try skipLiteral("true")
      return true
    case ASCII.f:
      try skipLiteral("false")
      return false
    default:
      throw error(.expectedBool)
    }
  }

  mutating func readString() throws(JSONError) -> String {
    guard current == ASCII.quote else { throw error(.expectedString) }
    return decode(try skipString())
  }

  /// Throws unless only white space follows.
  mutating func finish() throws(JSONError) {
    skipWhitespace()
    guard cursor == end else { throw error(.trailingBytes) }
  }
}

/// The bytes that occur in JSON's grammar.
enum ASCII {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote = UInt8(ascii: "\"")
  static let plus = UInt8(ascii: "+")
  static let comma = UInt8(ascii: ",")
  static let minus = UInt8(ascii: "-")
  static let dot = UInt8(ascii: ".")
  static let slash = UInt8(ascii: "/")
  static let zero = UInt8(ascii: "0")
  static let nine = UInt8(ascii: "9")
  static let colon = UInt8(ascii: ":")
  static let openBracket = UInt8(ascii: "[")
  static let backslash = UInt8(ascii: "\\")
  static let closeBracket = UInt8(ascii: "]")
  static let b = UInt8(ascii: "b")
  static let e = UInt8(ascii: "e")
  static let f = UInt8(ascii: "f")
  static let n = UInt8(ascii: "n")
  static let r = UInt8(ascii: "r")
  static let t = UInt8(ascii: "t")
  static let u = UInt8(ascii: "u")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
}
