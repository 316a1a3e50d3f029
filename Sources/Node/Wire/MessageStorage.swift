/// The bytes of one message and where its parts lie in them.
///
/// Copies of a ``Message`` share it and never change it. A node passes the storage of the last message on
/// to the next one, which reuses it unless something retains that message. So a steady stream of messages
/// allocates nothing.
package final class MessageStorage: @unchecked Sendable {
  // It changes only while uniquely referenced, before a message shares it: hence Sendable. Run-time checks
  // of exclusive access would cost more than parsing does.

  /// The line as it came.
  @exclusivity(unchecked) private(set) var line = ByteBuffer()
  @exclusivity(unchecked) private(set) var index = MessageIndex()

  /// In bytes. A larger buffer is released rather than reused, so that one huge line does not retain memory.
  static let largestReusedBuffer = 1 << 20

  /// Storage without a message.
  package init() {}

  /// Copies the line and indexes it in one pass.
  func parse(_ text: UnsafeRawBufferPointer) throws(JSONError) {
    line.truncate(to: 0)
    line.append(text.assumingMemoryBound(to: UInt8.self))
    var scanner = JSONScanner(line.start, from: 0, to: line.count)
    try index.build(&scanner)
  }

  /// Runs `body` with a scanner that sees the line up to the end of `range` and stands at its start.
  @inline(__always)
  func withScanner<Result, Failure>(
    over range: Range<Int>, _ body: (inout JSONScanner) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var scanner = JSONScanner(line.start, from: range.lowerBound, to: range.upperBound)
    return try body(&scanner)
  }

  /// The bytes at `range`, valid as long as the storage is.
  func bytes(in range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: line.start + range.lowerBound, count: range.count)
  }
}

extension MessageStorage {
  /// A key of the line that a message may not have, and the offset of its text in the line.
  var additionalKey: (name: String, offset: Int)? {
    guard let key = index.additionalKey else { return nil }
    return withScanner(over: 0..<line.count) { ($0.decode(key), key.start) }
  }

  /// The names of the body's fields in the order they were written.
  var fieldNames: [String] {
    withScanner(over: index.body) { scanner in
      (0..<index.fields.count).map { scanner.decode(index.fields[$0].key) }
    }
  }

  /// Where the value of the body's field of that name lies.
  func range(of field: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    withScanner(over: index.body) { scanner in
      // Where a key occurs twice, the last value counts.
      var position = index.fields.count
      while position > 0 {
        position -= 1
        if scanner.matches(index.fields[position].key, field) { return index.fields[position].value }
      }
      return nil
    }
  }
}

/// Where the parts of a message lie in its line.
struct MessageIndex: ~Copyable {
  /// The ranges of strings include their quotes.
  private(set) var source = 0..<0
  private(set) var destination = 0..<0
  private(set) var body = 0..<0
  private(set) var type = ""
  private(set) var id: Int?
  private(set) var inReplyTo: Int?
  /// The last key other than `src`, `dest`, `body`, and `id` with a number.
  private(set) var additionalKey: JSONString?
  /// The body's members in the order they were written.
  private(set) var fields = FieldTable()

  /// Validates the whole line and records where its parts lie. Where a key occurs twice, the last counts.
  mutating func build(_ scanner: inout JSONScanner) throws(JSONError) {
    (source, destination, body) = (0..<0, 0..<0, 0..<0)
    additionalKey = nil
    scanner.skipWhitespace()
    try scanner.skipObject(nesting: JSONScanner.nestingLimit) { (scanner, key, nesting) throws(JSONError) in
      let start = scanner.position
      if scanner.matches(key, "src") {
        try scanner.skipString(orThrow: .expectedString)
        source = start..<scanner.position
      } else if scanner.matches(key, "dest") {
        try scanner.skipString(orThrow: .expectedString)
        destination = start..<scanner.position
      } else if scanner.matches(key, "body") {
        try indexBody(&scanner, nesting: nesting)
        body = start..<scanner.position
      } else {
        let isNumber = scanner.isDigit(scanner.current) || scanner.current == ASCII.minus
        if !(isNumber && scanner.matches(key, "id")) { additionalKey = key }
        try scanner.skipValue(nesting: nesting)
      }
    }
    let end = scanner.position
    try scanner.finish()
    if source.isEmpty { throw JSONError(.missingSource, at: end) }
    if destination.isEmpty { throw JSONError(.missingDestination, at: end) }
    if body.isEmpty { throw JSONError(.missingBody, at: end) }
  }

  // Not inlined: the compiler would see `skipObject` within `skipObject`, take it for a recursion, and call
  // both through closures.
  @inline(never)
  private mutating func indexBody(_ scanner: inout JSONScanner, nesting: Int) throws(JSONError) {
    fields.removeAll()
    (id, inReplyTo) = (nil, nil)
    var hasType = false
    try scanner.skipObject(nesting: nesting) { (scanner, key, nesting) throws(JSONError) in
      let start = scanner.position
      if scanner.matches(key, "type") {
        try readType(&scanner)
        hasType = true
      } else if scanner.matches(key, "msg_id") {
        id = try scanner.readOptionalInteger()
      } else if scanner.matches(key, "in_reply_to") {
        inReplyTo = try scanner.readOptionalInteger()
      } else {
        try scanner.skipValue(nesting: nesting)
      }
      fields.append(FieldTable.Field(key: key, value: start..<scanner.position))
    }
    if !hasType { throw JSONError(.missingType, at: scanner.position) }
  }

  /// Most messages have the type of the one before; its string is then reused.
  private mutating func readType(_ scanner: inout JSONScanner) throws(JSONError) {
    guard scanner.current == ASCII.quote else { throw scanner.error(.expectedString) }
    let string = try scanner.skipString()
    if !type.withContiguousUTF8({ scanner.matches(string, $0) }) { type = scanner.decode(string) }
  }
}

extension JSONScanner {
  /// Whether a validated string stands for `text`.
  @inline(__always)
  fileprivate func matches(_ string: JSONString, _ text: StaticString) -> Bool {
    matches(string, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inline(__always)
  fileprivate mutating func skipString(orThrow problem: JSONError.Problem) throws(JSONError) {
    guard current == ASCII.quote else { throw error(problem) }
    _ = try skipString()
  }

  /// Reads an integer, or `null`, which some libraries write for a field that is absent.
  fileprivate mutating func readOptionalInteger() throws(JSONError) -> Int? {
    guard current == ASCII.n else { return try readInteger() }
    try skipLiteral("null")
    return nil
  }
}
