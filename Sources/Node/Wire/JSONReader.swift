/// Reads typed values from JSON one after the other, without building a tree.
///
/// It accepts exactly what RFC 8259 accepts: whatever it has read or skipped is valid JSON in valid UTF-8.
/// Arrays and objects may nest 512 levels deep. A read that throws leaves the reader where it was.
///
///     var reader = JSONReader(Array("[1, 2, 3]".utf8))
///     var sum = 0
///     try reader.beginArray()
///     while try reader.nextElement() { sum += try reader.readInt() }
///     try reader.finish()
///
/// After each `nextElement()` and `nextKey()`, read or skip exactly one value. Reading a value takes time
/// proportional to its length.
public struct JSONReader: Sendable {
  private let source: Source
  /// The offset of the next byte, and that of the end.
  private var position: Int
  private let end: Int
  /// How many arrays and objects are open.
  private var depth = 0
  /// Whether the innermost one has just been opened, so that no comma precedes its first member.
  private var isFirst = false

  /// What keeps the bytes alive.
  private enum Source: Sendable {
    /// Offsets are indices of the slice.
    case slice(ArraySlice<UInt8>)
    case message(MessageStorage)
  }

  /// Reads an array without copying it. Offsets of errors are its indices.
  public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// Reads a slice without copying it. Offsets of errors are indices of the slice.
  public init(_ bytes: ArraySlice<UInt8>) {
    source = .slice(bytes)
    (position, end) = (bytes.startIndex, bytes.endIndex)
  }

  /// Reads a part of a message without copying it. Offsets of errors count from the line's start.
  init(_ message: MessageStorage, _ range: Range<Int>) {
    source = .message(message)
    (position, end) = (range.lowerBound, range.upperBound)
  }

  @inline(__always)
  private func withScanner<Result>(
    _ body: (inout JSONScanner) throws(JSONError) -> Result
  ) throws(JSONError) -> Result {
    switch source {
    case .message(let message):
      return try message.withScanner(over: position..<end, body)
    case .slice(let bytes):
      return try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> Result in
        guard let first = buffer.baseAddress else { throw JSONError(.unexpectedEnd, at: position) }
        var scanner = JSONScanner(first - bytes.startIndex, from: position, to: end)
        return try body(&scanner)
      }
    }
  }

  /// Runs `body` from the next token on, and moves on to where it ends unless it throws.
  @inline(__always)
  private mutating func read<Result>(
    _ body: (inout JSONScanner) throws(JSONError) -> Result
  ) throws(JSONError) -> Result {
    var next = position
    let result = try withScanner { (scanner) throws(JSONError) -> Result in
      scanner.skipWhitespace()
      let result = try body(&scanner)
      next = scanner.position
      return result
    }
    position = next
    isFirst = false
    return result
  }
}

// MARK: - Values

extension JSONReader {
  /// The kind of a value, as its first byte tells it.
  public enum Kind: Sendable {
    /// A kind of value in JSON.
    case null, bool, number, string, array, object
  }

  /// The kind of the next value; `nil` if no value follows. Consumes nothing and checks one byte only.
  public func peek() -> Kind? {
    try? withScanner { (scanner) throws(JSONError) -> Kind? in
      scanner.skipWhitespace()
      return switch scanner.current {
      case ASCII.quote: .string
      case ASCII.minus, ASCII.zero...ASCII.nine: .number
      case ASCII.openBrace: .object
      case ASCII.openBracket: .array
      case ASCII.t, ASCII.f: .bool
      case ASCII.n: .null
      default: nil
      }
    }
  }

  /// Reads an integer of 64 bits, written without fraction and exponent. `1.0` and `1e2` are errors: to
  /// Maelstrom they differ from `1` and `100`.
  public mutating func readInt() throws(JSONError) -> Int {
    try read { (scanner) throws(JSONError) in try scanner.readInteger() }
  }

  /// Reads an integer that must be in a range. Bounds a number from outside, so that computing with it
  /// cannot overflow.
  public mutating func readInt(in range: Range<Int>) throws(JSONError) -> Int {
    try read { (scanner) throws(JSONError) in
      let start = scanner.position
      let integer = try scanner.readInteger()
      guard range.contains(integer) else { throw JSONError(.integerNotInRange, at: start) }
      return integer
    }
  }

  /// Reads any number as the nearest `Double`; beyond its range, as an infinity.
  public mutating func readDouble() throws(JSONError) -> Double {
    try read { (scanner) throws(JSONError) in try scanner.readDouble() }
  }

  /// Reads `true` or `false`.
  public mutating func readBool() throws(JSONError) -> Bool {
    try read { (scanner) throws(JSONError) in try scanner.readBool() }
  }

  /// Reads `null`.
  public mutating func readNull() throws(JSONError) {
    try read { (scanner) throws(JSONError) in
      guard scanner.current == ASCII.n else { throw scanner.error(.expectedNull) }
      try scanner.skipLiteral("null")
    }
  }

  /// Reads a string's text. An escape of half a surrogate pair becomes U+FFFD.
  public mutating func readString() throws(JSONError) -> String {
    try read { (scanner) throws(JSONError) in try scanner.readString() }
  }

  /// Validates a value of any kind and moves over it.
  public mutating func skip() throws(JSONError) {
    let nesting = remainingNesting
    try read { (scanner) throws(JSONError) in try scanner.skipValue(nesting: nesting) }
  }

  /// Reads a value of any kind as it is written.
  ///
  /// It may nest `RawJSON.nestingLimit` deep.
  public mutating func readRaw() throws(JSONError) -> RawJSON {
    let nesting = min(remainingNesting, RawJSON.nestingLimit)
    return try read { (scanner) throws(JSONError) in try scanner.readRaw(nesting: nesting) }
  }

  /// Reads a value of any kind as its bytes: a part of the slice that is read or, from a message, a copy.
  public mutating func readSlice() throws(JSONError) -> ArraySlice<UInt8> {
    let nesting = remainingNesting
    var start = position
    try read { (scanner) throws(JSONError) in
      start = scanner.position
      try scanner.skipValue(nesting: nesting)
    }
    return switch source {
    case .slice(let bytes): bytes[start..<position]
    case .message(let message): ArraySlice(message.bytes(in: start..<position))
    }
  }

  private var remainingNesting: Int { JSONScanner.nestingLimit - depth }

  /// Throws unless every array and object is closed and only white space follows.
  public mutating func finish() throws(JSONError) {
    let isClosed = depth == 0
    try read { (scanner) throws(JSONError) in
      guard isClosed else { throw JSONError(.unexpectedEnd, at: scanner.position) }
      try scanner.finish()
    }
  }
}

// MARK: - Arrays and objects

extension JSONReader {
  /// Enters an array. ``nextElement()`` then moves from element to element and leaves it at its end.
  public mutating func beginArray() throws(JSONError) { try begin(ASCII.openBracket, .expectedArray) }

  /// Returns true if another element is to be read. Otherwise leaves the array and returns false.
  public mutating func nextElement() throws(JSONError) -> Bool {
    try next(ASCII.closeBracket, .expectedCommaOrBracket)
  }

  /// Enters an object. ``nextKey()`` then moves from member to member and leaves it at its end.
  public mutating func beginObject() throws(JSONError) { try begin(ASCII.openBrace, .expectedObject) }

  /// Returns the key of the next member, whose value is to be read next. Without another member, leaves the
  /// object and returns `nil`. A key that occurs twice is returned twice.
  public mutating func nextKey() throws(JSONError) -> String? {
    let before = self
    guard try next(ASCII.closeBrace, .expectedCommaOrBrace) else { return nil }
    do {
      return try read { (scanner) throws(JSONError) in scanner.decode(try scanner.skipKey()) }
    } catch {
      self = before
      throw error
    }
  }

  private mutating func begin(_ bracket: UInt8, _ problem: JSONError.Problem) throws(JSONError) {
    let mayNest = remainingNesting > 0
    try read { (scanner) throws(JSONError) in
      guard scanner.current == bracket else { throw scanner.error(problem) }
      guard mayNest else { throw scanner.error(.nestedTooDeep) }
      scanner.cursor += 1
    }
    depth += 1
    isFirst = true
  }

  private mutating func next(_ bracket: UInt8, _ problem: JSONError.Problem) throws(JSONError) -> Bool {
    let isFirst = isFirst
    let hasNext = try read { (scanner) throws(JSONError) in
      if scanner.take(bracket) { return false }
      if isFirst ? scanner.cursor < scanner.end : scanner.take(ASCII.comma) { return true }
      throw scanner.error(problem)
    }
    if !hasNext { depth -= 1 }
    return hasNext
  }
}

extension JSONReader {
  /// Reads an array, each element by `element`. `[Element](reading:)` reads one whose elements are
  /// ``JSONDecodable``.
  public mutating func readArray<Element>(
    of element: (inout JSONReader) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    var elements: [Element] = []
    try beginArray()
    while try nextElement() { elements.append(try element(&self)) }
    return elements
  }
}

// MARK: - Trees

extension JSONReader {
  /// Reads a value of any kind as a tree.
  public mutating func readValue() throws(JSONError) -> JSONValue {
    let before = self
    do {
      return try readTree()
    } catch {
      self = before
      throw error
    }
  }

  private mutating func readTree() throws(JSONError) -> JSONValue {
    switch peek() {
    case .null:
      try readNull()
      return .null
    case .bool: return .bool(try readBool())
    case .number: return try readNumber()
    case .string: return .string(try readString())
    case .array:
      var elements: [JSONValue] = []
      try beginArray()
      while try nextElement() { elements.append(try readTree()) }
      return .array(elements)
    case .object:
      var object = JSONObject()
      try beginObject()
      while let key = try nextKey() { object[key] = try readTree() }
      return .object(object)
    case nil:
      try skip()  // Throws, as no value starts here.
      return .null
    }
  }

  private mutating func readNumber() throws(JSONError) -> JSONValue {
    try read { (scanner) throws(JSONError) in
      let start = scanner
      let isNegative = scanner.current == ASCII.minus
      if try scanner.skipNumber() {
        var integer = start
        if let value = try? integer.readInteger(), value != 0 || !isNegative { return .integer(value) }
      }
      scanner = start
      return .double(try scanner.readDouble())
    }
  }
}
