extension JSONScanner {
  /// Moves over the number at the cursor, which must stand at a minus sign or a digit.
  ///
  /// Returns whether it is written as an integer: without fraction and exponent.
  @discardableResult
  mutating func skipNumber() throws(JSONError) -> Bool {
    _ = take(ASCII.minus)
    if !take(ASCII.zero) { try skipDigits() }
    var isInteger = true
    if take(ASCII.dot) {
      isInteger = false
      try skipDigits()
    }
    if current | 0x20 == ASCII.e {
      isInteger = false
      position += 1
      if current == ASCII.plus || current == ASCII.minus { position += 1 }
      try skipDigits()
    }
    if isDigit(current) { throw error(.malformedNumber) }
    return isInteger
  }

  @inline(__always)
  private mutating func skipDigits() throws(JSONError) {
    guard isDigit(current) else { throw error(.malformedNumber) }
    repeat { position += 1 } while isDigit(current)
  }

  /// Reads a number that is an integer of 64 bits, however it is written: `100`, `1e2`, `100.0`.
  mutating func readInteger() throws(JSONError) -> Int64 {
    let start = position
    let isNegative = take(ASCII.minus)
    guard isDigit(current) else {
      throw isNegative ? error(.malformedNumber) : error(.expectedInteger)
    }
    let firstDigit = position
    var magnitude: UInt64 = 0
    // Nineteen digits fit in 64 bits whatever they are.
    while position - firstDigit < 19, isDigit(current) {
      magnitude = magnitude &* 10 &+ UInt64(base[position] &- ASCII.zero)
      position += 1
    }
    let isPlain = current != ASCII.dot && current | 0x20 != ASCII.e && !isDigit(current)
    let hasLeadingZero = base[firstDigit] == ASCII.zero && position - firstDigit > 1
    guard isPlain, !hasLeadingZero else {
      position = start
      return try readDecimalInteger()
    }
    guard let integer = Int64(magnitude: magnitude, isNegative: isNegative) else {
      throw JSONError(.integerOutOfRange, at: start)
    }
    return integer
  }

  /// The general case, computed exactly: digits × 10^exponent is an integer if what is left of the
  /// exponent once the digits' trailing zeros are moved into it is not negative.
  private mutating func readDecimalInteger() throws(JSONError) -> Int64 {
    let start = position
    try skipNumber()
    let isNegative = base[start] == ASCII.minus
    var magnitude: UInt64? = 0
    var exponent = 0
    var isFraction = false
    var trailingZeros = 0
    var index = isNegative ? start + 1 : start
    while index < position, base[index] | 0x20 != ASCII.e {
      let byte = base[index]
      index += 1
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
    exponent += trailingZeros + writtenExponent(from: index + 1)
    guard exponent >= 0, let magnitude = magnitude?.shifted(digits: exponent, adding: 0),
      let integer = Int64(magnitude: magnitude, isNegative: isNegative)
    else { throw JSONError(.integerOutOfRange, at: start) }
    return integer
  }

  /// The exponent whose sign or first digit is at `index`, in a number that ends at the cursor; 0 if
  /// there is none. Saturates far beyond what any line's digits could make up for.
  private func writtenExponent(from index: Int) -> Int {
    var exponent = 0
    for index in min(index, position)..<position where isDigit(base[index]) {
      exponent = min(exponent * 10 + Int(base[index] - ASCII.zero), 1 << 40)
    }
    return index < position && base[index] == ASCII.minus ? -exponent : exponent
  }

  /// Reads a number as the nearest `Double`; beyond its range that is an infinity.
  mutating func readDouble() throws(JSONError) -> Double {
    guard current == ASCII.minus || isDigit(current) else { throw error(.expectedNumber) }
    let start = position
    try skipNumber()
    let digits = UnsafeBufferPointer(start: base + start, count: position - start)
    // JSON's numbers are a subset of what the standard library reads.
    return Double(String(decoding: digits, as: UTF8.self)).unsafelyUnwrapped
  }

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
