/// Splits a byte stream of EDN or JSON into its operations.
///
/// An operation is an EDN map or a JSON object, on one line or on several. Operations follow one another or
/// are the elements of one array. The splitter considers only brackets, strings, comments and characters,
/// which both notations share. It reads every byte once and keeps only the current operation.
package struct FormSplitter {
  /// The bytes of one operation.
  package struct Form {
    /// The line on which it begins, from 1.
    package var line: Int
    package var bytes: [UInt8]
  }

  /// The maximum length of an operation, in bytes; bounds memory.
  private static let lengthLimit = 256 << 20

  package init() {}

  private enum State { case plain, string, escape, comment, character }

  private var state = State.plain
  private var form: [UInt8] = []
  private var isInForm = false
  private var formLine = 1
  private var line = 1
  /// The number of open brackets.
  private var depth = 0
  /// The depth outside of operations: 1 within an array of all operations, else 0.
  private var base = 0
  private var isAtLineStart = false

  /// Whether the stream so far ends within an operation or within the array of all operations.
  package var isCut: Bool { isInForm || base == 1 }

  /// The line on which the current operation begins, or the line of the next byte between operations.
  package var currentLine: Int { isInForm ? formLine : line }

  /// Reads the next bytes of the stream, and passes each operation that they complete to `take`.
  ///
  /// Throws if the bytes are not operations or an operation is too long. O(bytes).
  package mutating func feed(
    _ bytes: UnsafeRawBufferPointer, _ take: (Form) throws(HistoryFileError) -> Void
  ) throws(HistoryFileError) {
    // The index of the first byte of the current operation that has not been kept.
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
        // Nested maps are indented and line feeds in strings are escaped, so this is the next operation.
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

  /// Appends bytes to the current operation.
  private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) throws(HistoryFileError) {
    guard form.count + bytes.count <= Self.lengthLimit else {
      throw HistoryFileError(line: formLine, reason: "the operation is longer than 256 MiB")
    }
    form += bytes
  }

  /// The index of the next byte that is significant within an operation: a bracket, a quote, a backslash, a
  /// semicolon or a line feed. This loop is the fast path: most bytes are not significant.
  private static func nextMark(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    // Bit sets of the significant bytes below 64 and from 64 to 127.
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

  /// Processes a byte. Returns whether it completes an operation.
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
