public import Node

/// Reads Clojure's data notation as far as Maelstrom writes it into `results.edn`, as JSON.
///
/// Keywords and symbols become strings without the colon, lists and sets arrays, keys of maps what
/// stands there as text. Tags are dropped. https://github.com/edn-format/edn
public struct EDNReader {
  /// What makes a text no EDN.
  public struct Failure: Error, CustomStringConvertible {
    /// How many bytes were read before it was noticed.
    public let offset: Int
    public let reason: String

    public var description: String { "\(reason) at byte \(offset)" }
  }

  /// Values this deep in others are refused rather than read until the stack ends.
  private static let depthLimit = 500

  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  /// The first value of a text.
  public static func read(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
    var reader = EDNReader(bytes: bytes)
    return try reader.value()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func failure(_ reason: String) -> Failure { Failure(offset: offset, reason: reason) }

  private mutating func value() throws(Failure) -> JSONValue {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw failure("too deep a nesting") }
    skipBlanks()
    guard offset < bytes.count else { throw failure("a value is missing") }
    switch bytes[offset] {
    case UInt8(ascii: "{"): return .object(try map())
    case UInt8(ascii: "["), UInt8(ascii: "("): return .array(try elements())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "#"): return try dispatch()
    default: return atom(try token())
    }
  }

  /// What follows a number sign: a set, a value to be ignored, or a tag with its value.
  private mutating func dispatch() throws(Failure) -> JSONValue {
    offset += 1
    guard offset < bytes.count else { throw failure("nothing follows #") }
    switch bytes[offset] {
    case UInt8(ascii: "{"): return .array(try elements())
    case UInt8(ascii: "_"):
      offset += 1
      _ = try value()
      return try value()
    case UInt8(ascii: "#"):  // ##Inf, ##NaN
      return .string("#" + (try token()))
    default:
      _ = try token()
      return try value()
    }
  }

  /// Everything up to the closing bracket.
  private mutating func elements() throws(Failure) -> [JSONValue] {
    offset += 1
    var elements: [JSONValue] = []
    while try !close() { elements.append(try value()) }
    return elements
  }

  private mutating func map() throws(Failure) -> JSONObject {
    offset += 1
    var object = JSONObject()
    while try !close() {
      let key = try value()
      let name = if case .string(let name) = key { name } else { key.description }
      object[name] = try value()
    }
    return object
  }

  /// Steps over a closing bracket if one is next.
  private mutating func close() throws(Failure) -> Bool {
    skipBlanks()
    guard offset < bytes.count else { throw failure("a bracket is not closed") }
    guard "])}".utf8.contains(bytes[offset]) else { return false }
    offset += 1
    return true
  }

  /// Commas are white space.
  private mutating func skipBlanks() {
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: ","), 0...UInt8(ascii: " "): offset += 1
      case UInt8(ascii: ";"):
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
      default: return
      }
    }
  }

  private mutating func string() throws(Failure) -> String {
    offset += 1
    var text: [UInt8] = []
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
      if bytes[offset] == UInt8(ascii: "\\"), offset + 1 < bytes.count {
        offset += 1
        text.append(Self.escapes[bytes[offset]] ?? bytes[offset])
      } else {
        text.append(bytes[offset])
      }
      offset += 1
    }
    guard offset < bytes.count else { throw failure("a string is not closed") }
    offset += 1
    return String(decoding: text, as: UTF8.self)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): UInt8(ascii: "\n"), UInt8(ascii: "t"): UInt8(ascii: "\t"),
    UInt8(ascii: "r"): UInt8(ascii: "\r"),
  ]

  /// Everything up to what ends a symbol, at least one byte.
  private mutating func token() throws(Failure) -> String {
    let start = offset
    while offset < bytes.count, bytes[offset] > UInt8(ascii: " "), !",;\"()[]{}".utf8.contains(bytes[offset])
    {
      offset += 1
    }
    guard offset > start else { throw failure("a value is missing") }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private func atom(_ token: String) -> JSONValue {
    switch token {
    case "nil": return .null
    case "true": return true
    case "false": return false
    default: break
    }
    if token.hasPrefix(":") { return .string(String(token.dropFirst())) }
    // Clojure marks numbers of arbitrary precision.
    let digits = token.hasSuffix("N") || token.hasSuffix("M") ? String(token.dropLast()) : token
    if let integer = Int64(digits) { return .integer(integer) }
    if let double = Double(digits) { return .double(double) }
    let ratio = token.split(separator: "/").map { Double($0) }
    if ratio.count == 2, let numerator = ratio[0], let denominator = ratio[1] {
      return .double(numerator / denominator)
    }
    return .string(token)
  }
}
