import Workbench

/// Splits a stream of bytes into the operations written in it, whatever their notation.
///
/// An operation is a map in EDN or an object in JSON, alone on a line or over several lines, one after
/// another or in one array. Both notations agree in brackets and strings, which is all that is looked at.
/// Every byte is looked at once, and only the current operation is kept.
struct FormSplitter {
  /// The bytes of one operation.
  struct Form {
    /// The line on which it begins, counted from 1.
    var line: Int
    var bytes: [UInt8]
  }

  /// A longer operation is refused rather than kept.
  private static let lengthLimit = 256 << 20

  private enum State { case plain, string, escape, comment, character }

  private var state = State.plain
  private var form: [UInt8] = []
  private var formLine = 1
  private var line = 1
  /// How many brackets are open.
  private var depth = 0
  /// 1 within an array of all operations.
  private var base = 0
  private var isAtLineStart = false
  private var isInForm: Bool { !form.isEmpty }

  /// Whether the stream has ended within an operation, or within the array of all.
  var isCut: Bool { isInForm || base == 1 }

  /// The line that the next byte belongs to.
  var currentLine: Int { isInForm ? formLine : line }

  /// Takes more of the stream, and hands over each operation that it completes.
  mutating func feed(
    _ bytes: UnsafeRawBufferPointer, _ take: (Form) throws(HistoryFileError) -> Void
  ) throws(HistoryFileError) {
    for byte in bytes {
      let startsLine = isAtLineStart
      isAtLineStart = byte == UInt8(ascii: "\n")
      if startsLine, isInForm, depth > base, byte == UInt8(ascii: "{") {
        // Inner maps are indented, and line feeds in strings are written as escapes.
        throw HistoryFileError(line: formLine, reason: "the operation is not complete")
      }
      if try step(byte) {
        try take(Form(line: formLine, bytes: form))
        form.removeAll(keepingCapacity: true)
      }
      if isAtLineStart { line += 1 }
    }
  }

  /// Takes a byte; true if it completes an operation.
  private mutating func step(_ byte: UInt8) throws(HistoryFileError) -> Bool {
    if isInForm {
      guard form.count < Self.lengthLimit else {
        throw HistoryFileError(line: formLine, reason: "the operation is longer than 256 MiB")
      }
      form.append(byte)
    }
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
      form.append(byte)
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
