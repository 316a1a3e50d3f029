extension JSONScanner {
  /// Moves over the number at the cursor, which must stand at a minus sign or a digit.
  ///
  /// Returns whether it is written as an integer: without fraction and exponent.
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

  /// Reads a number that is an integer of 64 bits, however it is written: `100`, `1e2`, `100.0`.
  mutating func readInteger() throws(JSONError) -> Int64 {
    let start = cursor
    let isNegative = take(ASCII.minus)
    guard isDigit(current) else {
      throw isNegative ? error(.malformedNumber) : error(.expectedInteger)
    }
    let firstDigit = cursor
    var magnitude: UInt64 = 0
    // Nineteen digits fit in 64 bits whatever they are.
    let last = min(end, cursor + 19)
    while cursor < last, isDigit(cursor.pointee) {
      magnitude = magnitude &* 10 &+ UInt64(cursor.pointee &- ASCII.zero)
      cursor += 1
    }
    let hasLeadingZero = firstDigit.pointee == ASCII.zero && cursor - firstDigit > 1
    if hasLeadingZero || isDigit(current) || mayContinueNumber(current) {
      cursor = start
      return try readDecimalInteger()
    }
    guard let integer = Int64(magnitude: magnitude, isNegative: isNegative) else {
      throw JSONError(.integerOutOfRange, at: start - base)
    }
    return integer
  }

  /// The general case, computed exactly: digits × 10^exponent is an integer if what is left of the
  /// exponent once the digits' trailing zeros are moved into it is not negative.
  private mutating func readDecimalInteger() throws(JSONError) -> Int64 {
    let start = cursor
    try skipNumber()
    let number = UnsafeBufferPointer(start: start, count: cursor - start)
    let isNegative = number[0] == ASCII.minus
    let mantissaEnd = number.firstIndex { $0 | 0x20 == ASCII.e } ?? number.count
    var magnitude: UInt64? = 0
    var exponent = writtenExponent(number[mantissaEnd...].dropFirst())
    var trailingZeros = 0
    var isFraction = false
    for byte in number[..<mantissaEnd] where byte != ASCII.minus {
      if byte == ASCII.dot {
        isFraction = true
        continue
      }
      if isFraction { exponent -= 1 }
      if byte != ASCII.zero {
        magnitude = magnitude?.shifted(digits: trailingZeros + 1, adding: byte - ASCII.zero)
        trailingZeros = 0
      } else if magnitude != 0 {
        trailingZeros += 1
      }
    }
    if magnitude == 0 { return 0 }
    exponent += trailingZeros
    guard exponent >= 0, let magnitude = magnitude?.shifted(digits: exponent, adding: 0),
      let integer = Int64(magnitude: magnitude, isNegative: isNegative)
    else { throw JSONError(.integerOutOfRange, at: start - base) }
    return integer
  }

  /// What stands behind the `e`, if anything. Saturates far beyond what a line's digits could make
  /// up for.
  private func writtenExponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    var exponent = 0
    for byte in text where isDigit(byte) { exponent = min(exponent * 10 + Int(byte - ASCII.zero), 1 << 40) }
    return text.first == ASCII.minus ? -exponent : exponent
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

extension UInt64 {
  /// The number with that many decimal zeros behind it, plus one digit; `nil` beyond 64 bits.
  fileprivate func shifted(digits: Int, adding digit: UInt8) -> UInt64? {
    var result = self
    // A digit more than nineteen takes any number but 0 beyond 64 bits.
    for _ in 0..<(self == 0 ? 0 : Swift.min(digits, 20)) {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      result = product
    }
    let (sum, overflow) = result.addingReportingOverflow(UInt64(digit))
    return overflow ? nil : sum
  }
}

extension Int64 {
  @inline(__always)
  fileprivate init?(magnitude: UInt64, isNegative: Bool) {
    guard magnitude <= UInt64(Int64.max) + (isNegative ? 1 : 0) else { return nil }
    self.init(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude)
  }
}
