/// Bytes that grow at their end.
///
/// An array would take twice the instructions: every append checks whether the storage is shared. This
/// storage has one owner, and an append may write a whole word of which fewer bytes count.
@usableFromInline
struct ByteBuffer: ~Copyable, @unchecked Sendable {
  // Sendable because it is the only owner of its memory.

  @usableFromInline var start: UnsafeMutablePointer<UInt8>
  @usableFromInline var end: UnsafeMutablePointer<UInt8>
  /// The end of the capacity. The slack lies behind it.
  @usableFromInline var limit: UnsafeMutablePointer<UInt8>

  /// How many bytes an append may write behind the capacity.
  private static let slack = 8

  init(capacity: Int = 256) {
    start = .allocate(capacity: capacity + Self.slack)
    end = start
    limit = start + capacity
  }

  @inlinable
  deinit { start.deallocate() }

  var count: Int { end - start }

  var capacity: Int { limit - start }

  var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  mutating func truncate(to count: Int) {
    precondition(0...self.count ~= count, "cannot truncate to more than there is")
    end = start + count
  }

  @inlinable
  @inline(__always)
  mutating func reserve(_ additional: Int) {
    if limit - end < additional { grow(by: additional) }
  }

  @usableFromInline
  @inline(never)
  mutating func grow(by additional: Int) {
    var larger = ByteBuffer(capacity: max(2 * capacity, count + additional))
    larger.append(UnsafeBufferPointer(start: start, count: count))
    self = larger
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    appendUnchecked(byte)
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    end.initialize(from: source, count: bytes.count)
    end += bytes.count
  }

  /// Appends the number's decimal digits.
  mutating func append(decimal value: Int) {
    if value < 0 { append(ASCII.minus) }
    // The last digit comes first: digits are written backwards, behind the end, and then copied to it. The
    // copy has a constant length, so it takes no loop.
    let copied = 24
    reserve(3 * copied)
    let scratch = end + 2 * copied
    var digit = scratch
    var rest = value.magnitude
    repeat {
      digit -= 1
      digit.pointee = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest != 0
    let count = scratch - digit
    end.update(from: digit, count: copied)
    end += count
  }
}

// MARK: - Strings

extension ByteBuffer {
  /// Appends a key that needs no escaping, a comma before it if one is due, and its colon.
  @inlinable
  @inline(__always)
  mutating func append(literalKey key: StaticString, afterComma hasComma: Bool) {
    append(literal: key, afterComma: hasComma)
    appendUnchecked(0x3A)
  }

  /// Appends a string that needs no escaping, and a comma before it if one is due.
  ///
  /// Inlined, so that a literal's length is known at compile time and it is copied word by word.
  @inlinable
  @inline(__always)
  mutating func append(literal text: StaticString, afterComma hasComma: Bool) {
    let count = text.utf8CodeUnitCount
    reserve(count + 4)  // The colon of a key included.
    if hasComma { appendUnchecked(0x2C) }
    appendUnchecked(0x22)
    end.initialize(from: text.utf8Start, count: count)
    end += count
    appendUnchecked(0x22)
  }

  /// Appends text as a JSON string, and a comma before it if one is due.
  mutating func append(quoting text: UnsafeBufferPointer<UInt8>, afterComma hasComma: Bool) {
    reserve(text.count + 4)
    if hasComma { appendUnchecked(ASCII.comma) }
    if copyPlain(text, to: end + 1) {
      appendUnchecked(ASCII.quote)
      end += text.count
      appendUnchecked(ASCII.quote)
    } else {
      append(escaping: text)
    }
  }

  /// Appends a byte. The capacity must suffice.
  @inlinable
  @inline(__always)
  mutating func appendUnchecked(_ byte: UInt8) {
    end.pointee = byte
    end += 1
  }

  /// Copies text and returns true, or returns false if something in it must be escaped. Writes whole words,
  /// hence up to eight bytes too many.
  @inline(__always)
  private func copyPlain(_ text: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) -> Bool {
    guard var source = UnsafeRawPointer(text.baseAddress) else { return true }
    var target = UnsafeMutableRawPointer(target)
    let end = source + text.count
    while end - source >= 8 {
      let word = source.littleEndianWord
      if SpecialBytes.escapeMask(word) != 0 { return false }
      target.storeBytes(of: word.littleEndian, as: UInt64.self)
      source += 8
      target += 8
    }
    let word = source.littleEndianWord(count: end - source)
    target.storeBytes(of: word.littleEndian, as: UInt64.self)
    return SpecialBytes.escapeMask(word) == 0
  }

  private mutating func append(escaping text: UnsafeBufferPointer<UInt8>) {
    append(ASCII.quote)
    for byte in text {
      if SpecialBytes.mustEscape(byte) { append(escapeOf: byte) } else { append(byte) }
    }
    append(ASCII.quote)
  }

  private mutating func append(escapeOf byte: UInt8) {
    append(ASCII.backslash)
    switch byte {
    case ASCII.quote, ASCII.backslash: append(byte)
    case 0x08: append(ASCII.b)
    case 0x0C: append(ASCII.f)
    case ASCII.lineFeed: append(ASCII.n)
    case ASCII.carriageReturn: append(ASCII.r)
    case ASCII.tab: append(ASCII.t)
    default:
      // The other control characters, U+0000 to U+001F.
      append(ASCII.u)
      append(ASCII.zero)
      append(ASCII.zero)
      append(ASCII.zero + byte >> 4)
      let low = byte & 15
      append(low < 10 ? ASCII.zero + low : UInt8(ascii: "a") + low - 10)
    }
  }
}
