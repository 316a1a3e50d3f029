/// What a ``JSONReader`` can read: the counterpart of ``JSONEncodable``.
///
///     struct Point: JSONDecodable {
///       var x, y: Int
///
///       init(reading reader: inout JSONReader) throws(JSONError) {
///         let numbers = try [Int](reading: &reader)
///         …
///       }
///     }
///
/// Such a type is read from a message by ``Message/value(_:as:)``, from a service by
/// ``KeyValueStore/read(_:as:attempts:on:then:)``, and from any other JSON by its initializer.
public protocol JSONDecodable {
  /// Reads exactly one value.
  ///
  /// Throws if the value is not valid JSON or not one of this type. Where the reader then stands depends on
  /// how much was read.
  init(reading reader: inout JSONReader) throws(JSONError)
}

extension Int: JSONDecodable {
  /// Reads an integer of 64 bits, written without fraction and exponent.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) { self = try reader.readInt() }
}

extension Double: JSONDecodable {
  /// Reads any number, as the nearest `Double`.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) { self = try reader.readDouble() }
}

extension Bool: JSONDecodable {
  /// Reads `true` or `false`.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) { self = try reader.readBool() }
}

extension String: JSONDecodable {
  /// Reads a string's text.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) { self = try reader.readString() }
}

extension Optional: JSONDecodable where Wrapped: JSONDecodable {
  /// Reads `null` as `nil`, and everything else as the wrapped type does.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) {
    if reader.peek() == .null {
      try reader.readNull()
      self = nil
    } else {
      self = try Wrapped(reading: &reader)
    }
  }
}

extension Array: JSONDecodable where Element: JSONDecodable {
  /// Reads an array of such elements.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) {
    self = try reader.readArray(of: Element.init(reading:))
  }
}

extension RawJSON: JSONDecodable {
  /// Reads a value of any kind as it is written. It may nest ``nestingLimit`` levels deep.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) { self = try reader.readRaw() }
}

extension JSONValue: JSONDecodable {
  /// Reads a value of any kind as a tree.
  @inlinable
  public init(reading reader: inout JSONReader) throws(JSONError) { self = try reader.readValue() }
}
