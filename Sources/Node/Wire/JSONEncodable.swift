/// What a ``JSONWriter`` can write. ``JSONDecodable`` is the counterpart.
public protocol JSONEncodable {
  /// Writes exactly one value.
  func encode(into writer: inout JSONWriter)
}

extension Int: JSONEncodable {
  @inlinable
  public func encode(into writer: inout JSONWriter) { writer.value(self) }
}

extension Bool: JSONEncodable {
  @inlinable
  public func encode(into writer: inout JSONWriter) { writer.value(self) }
}

extension Double: JSONEncodable {
  @inlinable
  public func encode(into writer: inout JSONWriter) { writer.value(self) }
}

extension String: JSONEncodable {
  @inlinable
  public func encode(into writer: inout JSONWriter) { writer.value(self) }
}

extension StaticString: JSONEncodable {
  public func encode(into writer: inout JSONWriter) { writer.value(literal: self) }
}

/// `nil` is `null`.
extension Optional: JSONEncodable where Wrapped: JSONEncodable {
  @inlinable
  public func encode(into writer: inout JSONWriter) {
    if let self { self.encode(into: &writer) } else { writer.null() }
  }
}

extension Array: JSONEncodable where Element: JSONEncodable {
  @inlinable
  public func encode(into writer: inout JSONWriter) {
    writer.array { for element in self { element.encode(into: &$0) } }
  }
}

extension RawJSON: JSONEncodable {
  /// Copies the value as it was written.
  public func encode(into writer: inout JSONWriter) { writer.encoded(text.string) }
}

extension JSONObject: JSONEncodable {
  public func encode(into writer: inout JSONWriter) {
    writer.object { for (key, value) in self { $0.field(key: key, value) } }
  }
}

extension JSONValue: JSONEncodable {
  public func encode(into writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let bool): writer.value(bool)
    case .integer(let integer): writer.value(integer)
    case .double(let double): writer.value(double)
    case .string(let string): writer.value(string)
    case .array(let elements): elements.encode(into: &writer)
    case .object(let object): object.encode(into: &writer)
    }
  }
}
