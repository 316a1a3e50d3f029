extension JSONScanner {
  /// Moves over the number at the cursor, which must stand at a minus sign or a digit. Returns whether it is
  /// written as an integer: without fraction and exponent.
  @discardableResult
  mutating func skipNumber() throws(JSONError) -> Bool {
    _ = take(ASCII.minus)
    if take(ASCII.zero) {
      if isDigit(current) { throw error(.malformedNumber) }
    } else {
      try skipDigits()
    }
    guard mayContinueNumber(current) else { return true }
    if take(ASCII.dot) { try skipDigits() }
    if current | 0x20 == ASCII.e {
      cursor += 1
      if current == ASCII.plus || current == ASCII.minus { cursor += 1 }
      try skipDigits()
    }
    return false
  }

  @inline(__always)
  private mutating func skipDigits() throws(JSONError) {
    guard isDigit(current) else { throw error(.malformedNumber) }
    repeat { cursor += 1 } while isDigit(current)
  }

  /// Reads a number of 64 bits that is written as an integer: without fraction and exponent.
  mutating func readInteger() throws(JSONError) -> Int {
    let start = cursor
    let isNegative = take(ASCII.minus)
    guard isDigit(current) else {
      throw isNegative ? error(.malformedNumber) : error(.expectedInteger)
    }
    let firstDigit = cursor
    var magnitude: UInt64 = 0
    // Any nineteen digits fit in 64 unsigned bits.
    let last = min(end, cursor + 19)
    while cursor < last, isDigit(cursor.pointee) {
      magnitude = magnitude &* 10 &+ UInt64(cursor.pointee &- ASCII.zero)
      cursor += 1
    }
    let hasLeadingZero = firstDigit.pointee == ASCII.zero && cursor - firstDigit > 1
    if !hasLeadingZero, !isDigit(current), !mayContinueNumber(current),
      let integer = Int(magnitude: magnitude, isNegative: isNegative)
    {
      return integer
    }
    throw integerError(at: start)
  }

  /// Why the number at `start` is not an integer of 64 bits.
  private func integerError(at start: UnsafePointer<UInt8>) -> JSONError {
    var scanner = self
    scanner.cursor = start
    do throws(JSONError) {
      let isInteger = try scanner.skipNumber()
      return JSONError(isInteger ? .integerOutOfRange : .writtenAsFraction, at: start - base)
    } catch {
      return error
    }
  }

  /// Reads a number as the nearest `Double`; beyond its range that is an infinity.
  mutating func readDouble() throws(JSONError) -> Double {
    guard current == ASCII.minus || isDigit(current) else { throw error(.expectedNumber) }
    let start = cursor
    try skipNumber()
    let digits = UnsafeBufferPointer(start: start, count: cursor - start)
    // JSON's numbers are a subset of what the standard library reads.
    return Double(String(decoding: digits, as: UTF8.self)).unsafelyUnwrapped
  }

  /// Whether a fraction or an exponent starts with the byte.
  @inline(__always)
  private func mayContinueNumber(_ byte: UInt8) -> Bool { byte == ASCII.dot || byte | 0x20 == ASCII.e }

  @inline(__always)
  func isDigit(_ byte: UInt8) -> Bool { byte &- ASCII.zero < 10 }
}

extension Int {
  @inline(__always)
  fileprivate init?(magnitude: UInt64, isNegative: Bool) {
    guard magnitude <= UInt64(Int.max) + (isNegative ? 1 : 0) else { return nil }
    self.init(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude)
  }
}
