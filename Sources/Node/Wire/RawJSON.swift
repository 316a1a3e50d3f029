/// A valid JSON value kept as it was written: numbers, escapes and white space preserved.
///
/// What a node only passes on (a broadcast value, a key of a store) is best held so. Equality,
/// hashing and order go by bytes: `1` and `1.0` differ. Values of up to fifteen bytes are stored in
/// place, without an allocation.
///
///     let value = try RawJSON(parsing: "[1, 2.50]")
///     value.description   // "[1, 2.50]"
public struct RawJSON: Hashable, Comparable, Sendable {
  let text: ByteString

  /// Values nest at most this deep, so that a node can wrap in a message of its own what it has
  /// accepted: other nodes read that within the limit of `JSONReader`.
  public static let nestingLimit = JSONScanner.nestingLimit / 2

  /// Reads exactly one value; white space round it is dropped.
  public init(parsing text: String) throws(JSONError) {
    var reader = JSONReader(Array(text.utf8))
    self = try reader.readRaw()
    try reader.finish()
  }

  /// A JSON number.
  public init(_ integer: Int) { text = ByteString(String(integer)) }

  /// A JSON string that stands for `string`.
  public init(_ string: String) {
    var writer = JSONWriter()
    writer.value(string)
    self = writer.withUnsafeBytes { RawJSON(validated: $0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// The value as compact JSON.
  public init(_ value: JSONValue) { self.init(encoding: value) }

  /// What a value of any type writes of itself.
  public init(encoding value: some JSONEncodable) {
    var writer = JSONWriter()
    writer.value(value)
    self = writer.withUnsafeBytes { RawJSON(validated: $0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// Takes bytes that are known to be one value.
  package init(validated bytes: UnsafeBufferPointer<UInt8>) {
    text = ByteString(String(decoding: bytes, as: UTF8.self))
  }

  /// The value's UTF-8.
  public var bytes: String.UTF8View { text.string.utf8 }

  /// Reads the value's parts without building a tree.
  public var reader: JSONReader { JSONReader(Array(bytes)) }

  /// The value as a tree. Numbers may lose precision, as `JSONValue` tells.
  public func decoded() -> JSONValue {
    var reader = reader
    guard let value = try? reader.readValue() else { preconditionFailure("RawJSON is always valid") }
    return value
  }

  /// Lexicographic order of the bytes: total and stable, if not numeric.
  public static func < (a: RawJSON, b: RawJSON) -> Bool { a.text < b.text }
}

extension RawJSON: CustomStringConvertible {
  /// The value as it was written.
  public var description: String { text.string }
}
