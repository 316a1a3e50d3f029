#if !_pointerBitWidth(_64)
  #error("Int is Eddy's one integer type, and must have 64 bits")
#endif

/// A JSON value as a tree, for where convenience matters more than speed.
///
/// A number written without fraction and exponent that fits in 64 bits is an `integer`. Every other number
/// is a `double`, the nearest one: `-0` becomes `-0.0`, and a number beyond the range of `Double` an
/// infinity. So `1` and `1.0` are different values. ``RawJSON`` keeps numbers as they were written.
///
///     let body: JSONValue = ["type": "read_ok", "messages": [1, 2, 3]]
///     body["messages"]?[0]   // 1
public enum JSONValue: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent that fits in 64 bits. `Int` is the one integer type of
  /// Eddy's API.
  case integer(Int)
  /// Any other number.
  case double(Double)
  /// A string, its escapes resolved.
  case string(String)
  /// The elements in order.
  case array([JSONValue])
  /// The members in the order they were written.
  case object(JSONObject)

  /// Parses JSON text that is exactly one value, with white space around it.
  public init(parsing text: String) throws(JSONError) {
    var reader = JSONReader(Array(text.utf8))
    self = try reader.readValue()
    try reader.finish()
  }

  /// An integer.
  public init(_ integer: Int) { self = .integer(integer) }

  /// A number as a `double`, even if it has no fraction.
  public init(_ number: Double) { self = .double(number) }

  /// The value of an object's key; `nil` if it has no such key or this is not an object.
  public subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  /// An array's element; `nil` if the index is out of bounds or this is not an array.
  public subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}

extension JSONValue: Hashable {
  /// Strings are equal if their bytes are, objects whatever the order of their keys.
  public static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.double(let a), .double(let b)): a == b
    case (.string(let a), .string(let b)): ByteString(a) == ByteString(b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let bool): hasher.combine(bool)
    case .integer(let integer): hasher.combine(integer)
    case .double(let double): hasher.combine(double)
    case .string(let string): hasher.combine(ByteString(string))
    case .array(let elements): hasher.combine(elements)
    case .object(let object): hasher.combine(object)
    }
  }
}

extension JSONValue: CustomStringConvertible {
  /// Compact JSON.
  public var description: String { RawJSON(encoding: self).description }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}
