/// A valid JSON value kept as it was written, with its numbers, escapes and white space.
///
/// For what a node passes on without looking at it, such as a broadcast value or a key of a store.
/// Equality, hashing and order go by bytes: `1` and `1.0` differ. Values of up to fifteen bytes are stored
/// without an allocation.
///
/// A label says what a text is, JSON or the value of a JSON string:
///
///     let list = try RawJSON(parsing: "[1, 2.50]")
///     list.description   // [1, 2.50]
///     let text = RawJSON(string: "[1, 2.50]")
///     text.description   // "[1, 2.50]"
public struct RawJSON: Hashable, Comparable, Sendable {
  let text: ByteString

  /// How many levels deep values may nest: half of what ``JSONReader`` accepts, so that a node can send in
  /// a message of its own whatever value it has accepted.
  public static let nestingLimit = JSONScanner.nestingLimit / 2

  /// `null`.
  public static let null = RawJSON(encoding: JSONValue.null)

  /// Parses JSON text that is exactly one value. White space around it is dropped.
  public init(parsing text: String) throws(JSONError) {
    var reader = JSONReader(Array(text.utf8))
    self = try reader.readRaw()
    try reader.finish()
  }

  /// A number.
  public init(_ integer: Int) { text = ByteString(String(integer)) }

  /// The JSON string with this text, in quotes and with escapes where it needs them.
  public init(string text: String) { self.init(encoding: text) }

  /// The compact JSON of a value of any type that can be written.
  public init(encoding value: some JSONEncodable) {
    var writer = JSONWriter()
    writer.value(value)
    self.init(written: writer)
  }

  /// The one value that a writer has written.
  package init(written writer: borrowing JSONWriter) {
    self = writer.withUnsafeBytes { RawJSON(validated: $0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// A value from bytes that have been validated.
  package init(validated bytes: UnsafeBufferPointer<UInt8>) {
    text = ByteString(String(decoding: bytes, as: UTF8.self))
  }

  /// The value's UTF-8.
  public var bytes: String.UTF8View { text.string.utf8 }

  /// A reader of the value, which reads its parts without building a tree.
  public var reader: JSONReader { JSONReader(Array(bytes)) }

  /// The value as one of a type that can be read from JSON.
  ///
  ///     let names = try value.decoded(as: [String].self)
  public func decoded<Value: JSONDecodable>(as type: Value.Type) throws(JSONError) -> Value {
    var reader = reader
    return try Value(reading: &reader)
  }

  /// The value as a tree. Numbers may lose precision (see ``JSONValue``).
  public func decoded() -> JSONValue {
    guard let value = try? decoded(as: JSONValue.self) else { preconditionFailure("RawJSON is always valid") }
    return value
  }

  /// Lexicographic order of the bytes: total, not numeric.
  public static func < (a: RawJSON, b: RawJSON) -> Bool { a.text < b.text }
}

extension RawJSON: CustomStringConvertible {
  /// The value as it was written.
  public var description: String { text.string }
}
