/// Where a string's content lies, quotes excluded.
struct JSONString {
  var start = 0
  var count = 0
  /// Whether the content must be unescaped to be read.
  var hasEscapes = false
}

extension JSONScanner {
  /// Moves over the string at the cursor, which must stand at its opening quote.
  ///
  /// Checks escapes and UTF-8. A `\u` escape of half a surrogate pair is accepted, as the grammar has it
  /// (see ``decode(_:)``).
  @inline(__always)
  mutating func skipString() throws(JSONError) -> JSONString {
    cursor += 1
    let start = cursor
    // Most strings of the protocol are shorter than a word.
    if end - cursor >= 8 {
      let mask = SpecialBytes.stopMask(UnsafeRawPointer(cursor).littleEndianWord)
      let count = mask.trailingZeroBitCount / 8
      if mask != 0, cursor[count] == ASCII.quote {
        cursor += count + 1
        return JSONString(start: start - base, count: count, hasEscapes: false)
      }
    }
    return try skipLongString()
  }

  @inline(never)
  private mutating func skipLongString() throws(JSONError) -> JSONString {
    let start = position
    var hasEscapes = false
    while true {
      skipPlainCharacters()
      switch current {
      case ASCII.quote:
        cursor += 1
        return JSONString(start: start, count: position - 1 - start, hasEscapes: hasEscapes)
      case ASCII.backslash:
        hasEscapes = true
        try skipEscape()
      case 0x80...:
        try skipMultibyteCharacter()
      default:
        throw error(.controlCharacter)
      }
    }
  }

  /// Moves to the next byte that is not printable ASCII standing for itself, eight at a time.
  @inline(__always)
  private mutating func skipPlainCharacters() {
    while end - cursor >= 8 {
      let mask = SpecialBytes.stopMask(UnsafeRawPointer(cursor).littleEndianWord)
      if mask != 0 {
        cursor += mask.trailingZeroBitCount / 8
        return
      }
      cursor += 8
    }
    while cursor < end, cursor.pointee < 0x80, !SpecialBytes.mustEscape(cursor.pointee) { cursor += 1 }
  }

  private mutating func skipEscape() throws(JSONError) {
    cursor += 1
    switch current {
    case ASCII.quote, ASCII.backslash, ASCII.slash, ASCII.b, ASCII.f, ASCII.n, ASCII.r, ASCII.t:
      cursor += 1
    case ASCII.u:
      cursor += 1
      for _ in 0..<4 {
        guard hexValue(current) != nil else { throw error(.malformedEscape) }
        cursor += 1
      }
    default:
      throw error(.malformedEscape)
    }
  }

  /// Moves over a character of two to four bytes, by table 3-7 of the Unicode standard. That excludes
  /// overlong forms, surrogates and what lies beyond U+10FFFF.
  private mutating func skipMultibyteCharacter() throws(JSONError) {
    let second: ClosedRange<UInt8>
    let count: Int
    switch current {
    case 0xC2...0xDF: (second, count) = (0x80...0xBF, 2)
    case 0xE0: (second, count) = (0xA0...0xBF, 3)
    case 0xED: (second, count) = (0x80...0x9F, 3)
    case 0xE1...0xEF: (second, count) = (0x80...0xBF, 3)
    case 0xF0: (second, count) = (0x90...0xBF, 4)
    case 0xF1...0xF3: (second, count) = (0x80...0xBF, 4)
    case 0xF4: (second, count) = (0x80...0x8F, 4)
    default: throw error(.malformedUTF8)
    }
    let start = position
    for index in 1..<count {
      cursor += 1
      guard (index == 1 ? second : 0x80...0xBF).contains(current) else {
        throw JSONError(cursor < end ? .malformedUTF8 : .unexpectedEnd, at: start)
      }
    }
    cursor += 1
  }
}

// MARK: - Decoding

extension JSONScanner {
  /// A validated string's text.
  ///
  /// Half a surrogate pair cannot be part of a `String` and becomes U+FFFD, as in other decoders;
  /// ``RawJSON`` keeps it as it was written.
  func decode(_ string: JSONString) -> String {
    let content = UnsafeBufferPointer(start: base + string.start, count: string.count)
    guard string.hasEscapes else { return String(decoding: content, as: UTF8.self) }
    // No escape is shorter than what it stands for.
    return String(unsafeUninitializedCapacity: content.count) { buffer in unescape(content, into: buffer) }
  }

  /// Writes the text of validated content and returns its length in bytes.
  private func unescape(
    _ content: UnsafeBufferPointer<UInt8>, into buffer: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var input = 0
    var output = 0
    while input < content.count {
      guard content[input] == ASCII.backslash else {
        buffer[output] = content[input]
        input += 1
        output += 1
        continue
      }
      let scalar: Unicode.Scalar
      (scalar, input) = escapedScalar(content, at: input)
      for byte in UTF8.encode(scalar).unsafelyUnwrapped {
        buffer[output] = byte
        output += 1
      }
    }
    return output
  }

  /// The scalar of the escape at `index`, and the index of the next character.
  private func escapedScalar(
    _ content: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> (scalar: Unicode.Scalar, next: Int) {
    switch content[index + 1] {
    case ASCII.b: return ("\u{8}", index + 2)
    case ASCII.f: return ("\u{C}", index + 2)
    case ASCII.n: return ("\n", index + 2)
    case ASCII.r: return ("\r", index + 2)
    case ASCII.t: return ("\t", index + 2)
    case ASCII.u: break
    case let itself: return (Unicode.Scalar(itself), index + 2)
    }
    let unit = codeUnit(content, at: index + 2)
    if let scalar = Unicode.Scalar(unit) { return (scalar, index + 6) }
    if UTF16.isLeadSurrogate(unit), index + 12 <= content.count,
      content[index + 6] == ASCII.backslash, content[index + 7] == ASCII.u
    {
      let trail = codeUnit(content, at: index + 8)
      if UTF16.isTrailSurrogate(trail) {
        let value = 0x10000 + (UInt32(unit - 0xD800) << 10 | UInt32(trail - 0xDC00))
        return (Unicode.Scalar(value).unsafelyUnwrapped, index + 12)
      }
    }
    return ("\u{FFFD}", index + 6)
  }

  private func codeUnit(_ content: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt16 {
    var unit: UInt16 = 0
    for digit in content[index..<index + 4] { unit = unit << 4 | UInt16(hexValue(digit).unsafelyUnwrapped) }
    return unit
  }

  private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case ASCII.zero...ASCII.nine: byte - ASCII.zero
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Whether a validated string, its escapes resolved, is exactly these bytes of UTF-8.
  @inline(__always)
  func matches(_ string: JSONString, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if string.hasEscapes { return decode(string).utf8.elementsEqual(text) }
    guard string.count == text.count else { return false }
    let content = base + string.start
    for index in 0..<text.count where content[index] != text[index] { return false }
    return true
  }
}
