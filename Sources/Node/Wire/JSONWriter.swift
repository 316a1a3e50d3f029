/// Appends JSON to a buffer of bytes. Commas and brackets are its business.
///
///     var writer = JSONWriter()
///     writer.object {
///       $0.field("type", "read_ok")
///       $0.field("messages") { $0.array { for value in values { $0.value(value) } } }
///     }
///
/// Inside `object`, call only `field`; inside `array`, anything else.
public struct JSONWriter: Sendable {
  public private(set) var bytes: [UInt8] = []
  /// Whether a value has been finished on this level, so that the next one needs a comma.
  private var needsComma = false

  public init() {}

  public var count: Int { bytes.count }

  /// Starts afresh.
  public mutating func removeAll(keepingCapacity: Bool = false) {
    bytes.removeAll(keepingCapacity: keepingCapacity)
    needsComma = false
  }
}

// MARK: - Arrays and objects

extension JSONWriter {
  public mutating func object<Failure>(
    _ members: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    beginObject()
    try members(&self)
    endObject()
  }

  public mutating func array<Failure>(
    _ elements: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    separate()
    bytes.append(ASCII.openBracket)
    try elements(&self)
    bytes.append(ASCII.closeBracket)
    needsComma = true
  }

  /// A member of an object.
  @inlinable
  public mutating func field(_ key: StaticString, _ value: some JSONEncodable) {
    self.key(key)
    value.encode(into: &self)
  }

  /// A member of an object whose value `nested` writes.
  @inlinable
  public mutating func field<Failure>(
    _ key: StaticString, _ nested: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    self.key(key)
    try nested(&self)
  }

  /// A member of an object whose key is only known at run time.
  @inlinable
  public mutating func field(key: String, _ value: some JSONEncodable) {
    self.key(key)
    value.encode(into: &self)
  }

  /// A member of an object whose key is only known at run time and whose value `nested` writes.
  @inlinable
  public mutating func field<Failure>(
    key: String, _ nested: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    self.key(key)
    try nested(&self)
  }

  package mutating func beginObject() {
    separate()
    bytes.append(ASCII.openBrace)
  }

  package mutating func endObject() {
    bytes.append(ASCII.closeBrace)
    needsComma = true
  }

  @usableFromInline
  mutating func key(_ key: StaticString) {
    separate()
    key.withUTF8Buffer { appendQuoted($0) }
    bytes.append(ASCII.colon)
  }

  @usableFromInline
  mutating func key(_ key: String) {
    value(key)
    bytes.append(ASCII.colon)
    needsComma = false
  }

  @inline(__always)
  private mutating func separate() {
    if needsComma { bytes.append(ASCII.comma) }
    needsComma = false
  }
}

// MARK: - Values

extension JSONWriter {
  @inlinable
  public mutating func value(_ value: some JSONEncodable) { value.encode(into: &self) }

  public mutating func value(_ value: Int) { self.value(Int64(value)) }

  public mutating func value(_ value: Int64) {
    separate()
    appendInteger(value)
    needsComma = true
  }

  public mutating func value(_ value: Bool) { append(value ? "true" : "false") }

  public mutating func null() { append("null") }

  /// Writes the shortest digits that read back as the same number.
  ///
  /// JSON has no infinities: they are written as numbers beyond the range of `Double`, which read
  /// back as infinities. NaN is written as `null`, as in JavaScript.
  public mutating func value(_ value: Double) {
    if value.isNaN { return null() }
    if value.isInfinite { return append(value < 0 ? "-1e999" : "1e999") }
    encoded(Array(value.description.utf8)[...])
  }

  /// Writes a string, escaping only what must be: quotes, backslashes and controls.
  public mutating func value(_ value: String) {
    separate()
    var value = value
    value.withUTF8 { appendQuoted($0) }
    needsComma = true
  }

  /// Copies bytes that already are a value, or several with commas between them.
  public mutating func encoded(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  /// Copies bytes that already are a value, or several with commas between them.
  public mutating func encoded(_ bytes: UnsafeRawBufferPointer) { append(bytes.bindMemory(to: UInt8.self)) }

  private mutating func append(_ literal: StaticString) { literal.withUTF8Buffer { append($0) } }

  mutating func append(_ value: UnsafeBufferPointer<UInt8>) {
    if value.isEmpty { return }
    separate()
    bytes.append(contentsOf: value)
    needsComma = true
  }

  /// Ends a line of the protocol.
  package mutating func endLine() {
    bytes.append(ASCII.lineFeed)
    needsComma = false
  }

  /// Takes back everything after the first `count` bytes, which must be whole lines.
  package mutating func truncate(to count: Int) {
    bytes.removeSubrange(count...)
    needsComma = false
  }
}

// MARK: - Bytes

extension JSONWriter {
  private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.append(ASCII.quote)
    var start = 0
    for index in 0..<text.count where mustEscape(text[index]) {
      bytes.append(contentsOf: text[start..<index])
      appendEscaped(text[index])
      start = index + 1
    }
    bytes.append(contentsOf: text[start...])
    bytes.append(ASCII.quote)
  }

  private func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == ASCII.quote || byte == ASCII.backslash
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    bytes.append(ASCII.backslash)
    switch byte {
    case ASCII.quote, ASCII.backslash: bytes.append(byte)
    case 0x08: bytes.append(ASCII.b)
    case 0x0C: bytes.append(ASCII.f)
    case ASCII.lineFeed: bytes.append(ASCII.n)
    case ASCII.carriageReturn: bytes.append(ASCII.r)
    case ASCII.tab: bytes.append(ASCII.t)
    default:
      let hex: StaticString = "0123456789abcdef"
      for digit in [ASCII.u, ASCII.zero, ASCII.zero] { bytes.append(digit) }
      bytes.append(hex.utf8Start[Int(byte >> 4)])
      bytes.append(hex.utf8Start[Int(byte & 15)])
    }
  }

  private mutating func appendInteger(_ value: Int64) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = digits.count
      var rest = value.magnitude
      repeat {
        start -= 1
        digits[start] = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest != 0
      if value < 0 {
        start -= 1
        digits[start] = ASCII.minus
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
    }
  }
}
