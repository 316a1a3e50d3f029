public import EddyNode

/// Reads EDN, Clojure's data notation, as Jepsen and Maelstrom write it, and converts it to JSON.
///
/// Keywords (without the colon), symbols and characters become strings, lists and sets become arrays. Map
/// keys become strings: the string itself, or the JSON text of another value. Tags are dropped. Integers keep
/// all digits, and `1` and `1.0` stay different. https://github.com/edn-format/edn
public struct EDNReader {
  /// Why a text is not valid EDN.
  public struct Failure: Error, CustomStringConvertible {
    /// The number of bytes read before the error was detected.
    public let offset: Int
    public let reason: String

    public var description: String { "\(reason) at byte \(offset)" }
  }

  /// The maximum nesting depth. It bounds the stack, and the JSON produced can be read back.
  private static let depthLimit = RawJSON.nestingLimit

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private var depth = 0

  /// A reader positioned before the first value of a text.
  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The first value of a text. Throws ``Failure`` if the text is not EDN. O(length).
  public static func read(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
    var reader = EDNReader(bytes[...])
    return try reader.raw().decoded()
  }

  func failure(_ reason: String) -> Failure { Failure(offset: position - bytes.startIndex, reason: reason) }

  private var isAtEnd: Bool { position == bytes.endIndex }
}

// MARK: - Values

extension EDNReader {
  /// The next value.
  package mutating func raw() throws(Failure) -> RawJSON {
    var writer = JSONWriter()
    try transcode(into: &writer)
    return writer.withUnsafeBytes { RawJSON(validated: $0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// Writes the next value as JSON. O(length).
  mutating func transcode(into writer: inout JSONWriter) throws(Failure) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw failure("the nesting is too deep") }
    skipBlanks()
    guard !isAtEnd else { throw failure("a value is missing") }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      try writer.object { (writer) throws(Failure) in
        try eachMember { (reader, key) throws(Failure) in
          try writer.field(key: key) { (writer) throws(Failure) in try reader.transcode(into: &writer) }
        }
      }
    case UInt8(ascii: "["): try transcodeElements(until: UInt8(ascii: "]"), into: &writer)
    case UInt8(ascii: "("): try transcodeElements(until: UInt8(ascii: ")"), into: &writer)
    case UInt8(ascii: "\""): writer.value(try string())
    case UInt8(ascii: "\\"): writer.value(try character())
    case UInt8(ascii: "#"): try transcodeDispatch(into: &writer)
    default: Self.write(atom: try tokenBytes(), into: &writer)
    }
  }

  /// Reads what follows a number sign: a set, a discarded value, or a tag with its value.
  private mutating func transcodeDispatch(into writer: inout JSONWriter) throws(Failure) {
    position += 1
    guard !isAtEnd else { throw failure("nothing follows #") }
    switch bytes[position] {
    case UInt8(ascii: "{"): try transcodeElements(until: UInt8(ascii: "}"), into: &writer)
    case UInt8(ascii: "_"):
      position += 1
      try skip()
      try transcode(into: &writer)
    case UInt8(ascii: "#"):  // ##Inf, ##NaN
      writer.value("#" + (try token()))
    default:
      _ = try token()
      try transcode(into: &writer)
    }
  }

  private mutating func transcodeElements(
    until end: UInt8, into writer: inout JSONWriter
  ) throws(Failure) {
    position += 1
    try writer.array { (writer) throws(Failure) in
      while try !close(end) { try transcode(into: &writer) }
    }
  }

  /// Skips the next value.
  mutating func skip() throws(Failure) {
    var writer = JSONWriter()
    try transcode(into: &writer)
  }

  /// Reads a map, tagged or not. Calls `member` after each key; it must read the value.
  package mutating func members(
    _ member: (inout EDNReader, String) throws(Failure) -> Void
  ) throws(Failure) {
    skipBlanks()
    if !isAtEnd, bytes[position] == UInt8(ascii: "#") {
      position += 1
      _ = try token()
      skipBlanks()
    }
    guard !isAtEnd, bytes[position] == UInt8(ascii: "{") else { throw failure("a map is missing") }
    try eachMember(member)
  }

  private mutating func eachMember(
    _ member: (inout EDNReader, String) throws(Failure) -> Void
  ) throws(Failure) {
    position += 1
    while try !close(UInt8(ascii: "}")) {
      let key = try raw()
      var reader = key.reader
      try member(&self, (try? reader.readString()) ?? key.description)
    }
  }

  /// Throws unless only white space is left.
  package mutating func finish() throws(Failure) {
    skipBlanks()
    guard isAtEnd else { throw failure("something follows the value") }
  }
}

// MARK: - Tokens

extension EDNReader {
  /// Skips a closing bracket if it is next, and returns whether it was. Throws on another closing bracket.
  private mutating func close(_ bracket: UInt8) throws(Failure) -> Bool {
    skipBlanks()
    guard !isAtEnd else { throw failure("a bracket is not closed") }
    switch bytes[position] {
    case bracket: break
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      throw failure("the wrong bracket is closed")
    default: return false
    }
    position += 1
    return true
  }

  /// Skips white space, commas and comments.
  private mutating func skipBlanks() {
    while !isAtEnd {
      switch bytes[position] {
      case UInt8(ascii: ","), 0...UInt8(ascii: " "): position += 1
      case UInt8(ascii: ";"):
        while !isAtEnd, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      default: return
      }
    }
  }

  private mutating func string() throws(Failure) -> String {
    position += 1
    var text: [UInt8] = []
    var scalars = UTF16Escapes()
    while !isAtEnd, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] != UInt8(ascii: "\\") {
        scalars.flush(into: &text)
        let start = position
        while !isAtEnd, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
          position += 1
        }
        text += bytes[start..<position]
        continue
      }
      position += 1
      guard !isAtEnd else { break }
      let escape = bytes[position]
      position += 1
      if escape == UInt8(ascii: "u") {
        scalars.units.append(try hexadecimal())
      } else {
        scalars.flush(into: &text)
        text.append(Self.escapes[escape] ?? escape)
      }
    }
    guard !isAtEnd else { throw failure("a string is not closed") }
    scalars.flush(into: &text)
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): UInt8(ascii: "\n"), UInt8(ascii: "t"): UInt8(ascii: "\t"),
    UInt8(ascii: "r"): UInt8(ascii: "\r"), UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12,
  ]

  /// Consecutive `\u` escapes, collected because two surrogates make one character.
  private struct UTF16Escapes {
    var units: [UInt16] = []

    mutating func flush(into text: inout [UInt8]) {
      guard !units.isEmpty else { return }
      text += Array(String(decoding: units, as: UTF16.self).utf8)
      units = []
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw failure("\\u is not followed by four hexadecimal digits")
    }
    position += 4
    return unit
  }

  /// A character such as `\a`, `\newline` or `\u00e4`.
  private mutating func character() throws(Failure) -> String {
    position += 1
    guard !isAtEnd else { throw failure("a character is missing") }
    let first = bytes[position]
    position += 1
    // The first byte belongs to the character even if it ends a token, as a bracket does.
    let rest = (try? token()) ?? ""
    let name = String(decoding: [first] + Array(rest.utf8), as: UTF8.self)
    if let named = Self.characters[name] { return named }
    if name.utf8.count == 5, name.hasPrefix("u"), let unit = UInt16(name.dropFirst(), radix: 16) {
      return String(decoding: [unit], as: UTF16.self)
    }
    return name
  }

  private static let characters = [
    "newline": "\n", "space": " ", "tab": "\t", "return": "\r", "backspace": "\u{8}", "formfeed": "\u{C}",
  ]

  private static func endsToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
      true
    default: false
    }
  }

  /// The bytes up to the end of the token, at least one.
  private mutating func tokenBytes() throws(Failure) -> ArraySlice<UInt8> {
    let start = position
    while !isAtEnd, !Self.endsToken(bytes[position]) { position += 1 }
    guard position > start else { throw failure("a value is missing") }
    return bytes[start..<position]
  }

  private mutating func token() throws(Failure) -> String {
    String(decoding: try tokenBytes(), as: UTF8.self)
  }
}

// MARK: - Atoms

extension EDNReader {
  private static func write(atom bytes: ArraySlice<UInt8>, into writer: inout JSONWriter) {
    switch bytes[bytes.startIndex] {
    case UInt8(ascii: ":"): writer.value(String(decoding: bytes.dropFirst(), as: UTF8.self))
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"):
      // The fast path: most values of a history are integers of this form.
      if bytes.isPlainInteger { return writer.encoded(bytes) }
      let token = String(decoding: bytes, as: UTF8.self)
      if !write(number: token, into: &writer) { writer.value(token) }
    default:
      switch String(decoding: bytes, as: UTF8.self) {
      case "nil": writer.null()
      case "true": writer.value(true)
      case "false": writer.value(false)
      case let symbol: writer.value(symbol)
      }
    }
  }

  /// Writes a number. Returns false if the token is not one.
  private static func write(number token: String, into writer: inout JSONWriter) -> Bool {
    let digits = token.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    guard let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      return false
    }
    var text = Substring(token)
    // Clojure's suffixes for arbitrary precision.
    if text.hasSuffix("N") || text.hasSuffix("M") { text.removeLast() }
    if text.hasPrefix("+") { text.removeFirst() }
    if (try? JSONReader.isNumber(text)) == true {
      writer.encoded(String(text))
      return true
    }
    let ratio = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    if ratio.count == 2, let numerator = ratio[0], let denominator = ratio[1] {
      writer.value(numerator / denominator)
    } else if let double = Double(text) {
      writer.value(double)
    } else {
      return false
    }
    return true
  }
}

extension ArraySlice<UInt8> {
  /// Whether this is an integer without sign and suffix, which JSON writes alike.
  fileprivate var isPlainInteger: Bool {
    guard count == 1 || self[startIndex] != UInt8(ascii: "0") else { return false }
    for byte in self where byte < UInt8(ascii: "0") || byte > UInt8(ascii: "9") { return false }
    return true
  }
}

extension JSONReader {
  /// Whether the whole text is a JSON number.
  fileprivate static func isNumber(_ text: Substring) throws(JSONError) -> Bool {
    var reader = JSONReader(Array(text.utf8))
    guard reader.peek() == .number else { return false }
    try reader.skip()
    try reader.finish()
    return true
  }
}
