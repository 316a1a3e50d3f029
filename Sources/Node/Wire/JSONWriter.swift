/// Writes JSON into a buffer of bytes. It sets commas, colons and brackets itself.
///
///     var writer = JSONWriter()
///     writer.object {
///       $0.field("type", "read_ok")
///       $0.field("messages") { $0.array { for value in values { $0.value(value) } } }
///     }
///
/// Inside `object`, call `field` only; inside `array`, everything but `field`. A literal key must need no
/// escaping: it is copied as it is. A writer is passed `inout` and never copied.
///
/// Writing a value takes time proportional to its length, amortized over the growth of the buffer.
public struct JSONWriter: ~Copyable, Sendable {
  @usableFromInline var buffer: ByteBuffer
  /// Whether the next value on this level needs a comma before it.
  @usableFromInline var needsComma = false

  /// An empty writer.
  public init() { buffer = ByteBuffer() }

  /// The number of bytes written.
  public var count: Int { buffer.count }

  /// A copy of the bytes written.
  ///
  /// - Complexity: O(`count`).
  public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

  /// Calls `body` with the bytes written, which are valid only until it returns.
  public func withUnsafeBytes<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(buffer.contents)
  }

  /// Removes what has been written.
  public mutating func removeAll(keepingCapacity: Bool = false) {
    if keepingCapacity { buffer.truncate(to: 0) } else { buffer = ByteBuffer() }
    needsComma = false
  }
}

// MARK: - Arrays and objects

extension JSONWriter {
  /// Writes an object whose fields `members` writes. If that throws, what has been written is not valid
  /// JSON.
  @inlinable
  public mutating func object<Failure>(
    _ members: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    beginObject()
    try members(&self)
    endObject()
  }

  /// Writes an array whose values `elements` writes. If that throws, what has been written is not valid
  /// JSON.
  @inlinable
  public mutating func array<Failure>(
    _ elements: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    beginArray()
    try elements(&self)
    endArray()
  }

  /// Writes a member of an object.
  @inlinable
  @inline(__always)
  public mutating func field(_ key: StaticString, _ value: some JSONEncodable) {
    self.key(key)
    value.encode(into: &self)
  }

  /// Writes a member of an object whose value is a string that, like the key, needs no escaping.
  @inlinable
  @inline(__always)
  mutating func field(_ key: StaticString, literal text: StaticString) {
    assert(text.needsNoEscaping, "a literal that needs escaping must be a String")
    self.key(key)
    buffer.append(literal: text, afterComma: false)
    needsComma = true
  }

  /// Writes a member of an object whose value `nested` writes.
  @inlinable
  @inline(__always)
  public mutating func field<Failure>(
    _ key: StaticString, _ nested: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    self.key(key)
    try nested(&self)
  }

  /// Writes a member of an object whose key is known at run time only.
  @inlinable
  public mutating func field(key: String, _ value: some JSONEncodable) {
    self.key(quoting: key)
    value.encode(into: &self)
  }

  /// Writes a member of an object whose key is known at run time only and whose value `nested` writes.
  @inlinable
  public mutating func field<Failure>(
    key: String, _ nested: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    self.key(quoting: key)
    try nested(&self)
  }

  @usableFromInline
  mutating func beginObject() { begin(ASCII.openBrace) }

  @usableFromInline
  mutating func endObject() { end(ASCII.closeBrace) }

  @usableFromInline
  mutating func beginArray() { begin(ASCII.openBracket) }

  @usableFromInline
  mutating func endArray() { end(ASCII.closeBracket) }

  @inline(__always)
  private mutating func begin(_ bracket: UInt8) {
    separate()
    buffer.append(bracket)
  }

  @inline(__always)
  private mutating func end(_ bracket: UInt8) {
    buffer.append(bracket)
    needsComma = true
  }

  @inlinable
  @inline(__always)
  mutating func key(_ key: StaticString) {
    assert(key.needsNoEscaping, "a key that needs escaping must be a String")
    buffer.append(literalKey: key, afterComma: needsComma)
    needsComma = false
  }

  @usableFromInline
  mutating func key(quoting key: String) {
    key.withContiguousUTF8 { buffer.append(quoting: $0, afterComma: needsComma) }
    buffer.append(ASCII.colon)
    needsComma = false
  }

  @inline(__always)
  private mutating func separate() {
    if needsComma { buffer.append(ASCII.comma) }
    needsComma = false
  }
}

// MARK: - Values

extension JSONWriter {
  /// Writes one value of any type that can be written.
  @inlinable
  public mutating func value(_ value: some JSONEncodable) { value.encode(into: &self) }

  /// Writes an integer in decimal.
  public mutating func value(_ value: Int) {
    separate()
    buffer.append(decimal: value)
    needsComma = true
  }

  /// Writes `true` or `false`.
  public mutating func value(_ value: Bool) { append(value ? "true" : "false") }

  /// Writes `null`.
  public mutating func null() { append("null") }

  /// Writes the shortest digits that read back as the same number.
  ///
  /// JSON has no infinities: an infinity is written as a number beyond the range of `Double`, which reads
  /// back as an infinity. NaN is written as `null`, as in JavaScript.
  public mutating func value(_ value: Double) {
    if value.isNaN { return null() }
    if value.isInfinite { return append(value < 0 ? "-1e999" : "1e999") }
    value.description.withContiguousUTF8 { append($0) }
  }

  /// Writes a string. Escapes only what JSON demands: quotes, backslashes and control characters.
  public mutating func value(_ value: String) {
    value.withContiguousUTF8 { buffer.append(quoting: $0, afterComma: needsComma) }
    needsComma = true
  }

  /// Writes a string without making a `String` of it.
  mutating func value(literal text: StaticString) {
    buffer.append(
      quoting: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount),
      afterComma: needsComma)
    needsComma = true
  }

  /// Copies bytes that are a JSON value, or several with commas between them. Does not check them.
  public mutating func encoded(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  /// Copies text that is a JSON value, or several with commas between them. Does not check it.
  public mutating func encoded(_ text: String) { text.withContiguousUTF8 { append($0) } }

  private mutating func append(_ literal: StaticString) {
    append(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  mutating func append(_ value: UnsafeBufferPointer<UInt8>) {
    if value.isEmpty { return }
    separate()
    buffer.append(value)
    needsComma = true
  }

  /// Ends a line of the protocol with a line feed.
  package mutating func endLine() {
    buffer.append(ASCII.lineFeed)
    needsComma = false
  }

  /// Removes everything after the first `count` bytes, which must be whole lines.
  package mutating func truncate(to count: Int) {
    buffer.truncate(to: count)
    needsComma = false
  }
}

extension StaticString {
  @usableFromInline
  var needsNoEscaping: Bool { withUTF8Buffer { !$0.contains(where: SpecialBytes.mustEscape) } }
}
