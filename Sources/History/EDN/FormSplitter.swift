/// Splits a stream of bytes into the operations written in it, whatever their notation.
///
/// An operation is a map in EDN or an object in JSON, alone on a line or over several lines, one after
/// another or in one array. Both notations agree in brackets and strings, which is all that is looked at.
/// Every byte is looked at once, and only the current operation is kept.
package struct FormSplitter {
  /// The bytes of one operation.
  package struct Form {
    /// The line on which it begins, counted from 1.
    package var line: Int
    package var bytes: [UInt8]
  }

  /// A longer operation is refused rather than kept.
  private static let lengthLimit = 256 << 20

  package init() {}

  private enum State { case plain, string, escape, comment, character }

  private var state = State.plain
  private var form: [UInt8] = []
  private var isInForm = false
  private var formLine = 1
  private var line = 1
  /// How many brackets are open.
  private var depth = 0
  /// 1 within an array of all operations.
  private var base = 0
  private var isAtLineStart = false

  /// Whether the stream has ended within an operation, or within the array of all.
  package var isCut: Bool { isInForm || base == 1 }

  /// The line that the next byte belongs to.
  package var currentLine: Int { isInForm ? formLine : line }

  /// Takes more of the stream, and hands over each operation that it completes.
  package mutating func feed(
    _ bytes: UnsafeRawBufferPointer, _ take: (Form) throws(HistoryFileError) -> Void
  ) throws(HistoryFileError) {
    // Where the bytes begin that the current operation lacks.
    var start = 0
    var index = 0
    while index < bytes.count {
      if isInForm, state != .escape, state != .character {
        let mark = Self.nextMark(in: bytes, from: index)
        if mark > index { isAtLineStart = false }
        index = mark
        if index == bytes.count { break }
      }
      let byte = bytes[index]
      let startsLine = isAtLineStart
      isAtLineStart = byte == UInt8(ascii: "\n")
      if startsLine, isInForm, depth > base, byte == UInt8(ascii: "{") {
        // Inner maps are indented, and line feeds in strings are written as escapes.
        throw HistoryFileError(line: formLine, reason: "the operation is not complete")
      }
      let wasInForm = isInForm
      let isComplete = try step(byte)
      if isInForm, !wasInForm { start = index }
      index += 1
      if isComplete {
        try keep(bytes[start..<index])
        isInForm = false
        try take(Form(line: formLine, bytes: form))
        form.removeAll(keepingCapacity: true)
      }
      if isAtLineStart { line += 1 }
    }
    if isInForm { try keep(bytes[start...]) }
  }

  /// Adds to the bytes of the current operation.
  private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) throws(HistoryFileError) {
    guard form.count + bytes.count <= Self.lengthLimit else {
      throw HistoryFileError(line: formLine, reason: "the operation is longer than 256 MiB")
    }
    form += bytes
  }

  /// Where the next byte is that means something within an operation: a bracket, a quote, a backslash, a
  /// semicolon or a line feed. Most bytes are none, and are passed over here.
  private static func nextMark(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    // A bit for each of the bytes below 64, and for each of the 64 above.
    let low: UInt64 = 1 << 10 | 1 << 34 | 1 << 40 | 1 << 41 | 1 << 59
    let high: UInt64 = 1 << (91 - 64) | 1 << (92 - 64) | 1 << (93 - 64) | 1 << (123 - 64) | 1 << (125 - 64)
    guard let base = bytes.baseAddress else { return start }
    let end = bytes.count
    var index = start
    while index < end {
      let byte = base.load(fromByteOffset: index, as: UInt8.self)
      let marks = byte < 64 ? low : byte < 128 ? high : 0
      if marks &>> UInt64(truncatingIfNeeded: byte & 63) & 1 != 0 { return index }
      index += 1
    }
    return end
  }

  /// Takes a byte; true if it completes an operation.
  private mutating func step(_ byte: UInt8) throws(HistoryFileError) -> Bool {
    switch state {
    case .plain: return try stepPlain(byte)
    case .string:
      if byte == UInt8(ascii: "\\") { state = .escape }
      if byte == UInt8(ascii: "\"") { state = .plain }
    case .escape: state = .string
    case .character: state = .plain
    case .comment: if byte == UInt8(ascii: "\n") { state = .plain }
    }
    return false
  }

  private mutating func stepPlain(_ byte: UInt8) throws(HistoryFileError) -> Bool {
    guard isInForm else {
      try stepBetween(byte)
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): state = .string
    case UInt8(ascii: "\\"): state = .character
    case UInt8(ascii: ";"): state = .comment
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"):
      depth -= 1
      return depth <= base
    default: break
    }
    return false
  }

  private mutating func stepBetween(_ byte: UInt8) throws(HistoryFileError) {
    switch byte {
    case 0...UInt8(ascii: " "), UInt8(ascii: ","): break
    case UInt8(ascii: ";"): state = .comment
    case UInt8(ascii: "{"), UInt8(ascii: "#"):
      isInForm = true
      formLine = line
      if byte == UInt8(ascii: "{") { depth += 1 }
    case UInt8(ascii: "["), UInt8(ascii: "("):
      guard base == 0 else { throw noOperation }
      base = 1
      depth = 1
    case UInt8(ascii: "]"), UInt8(ascii: ")"):
      guard base == 1 else { throw noOperation }
      base = 0
      depth = 0
    default: throw noOperation
    }
  }

  private var noOperation: HistoryFileError {
    HistoryFileError(line: line, reason: "an operation is expected: a map")
  }
}
