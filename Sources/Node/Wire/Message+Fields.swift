extension Message {
  /// Whether the body has the field, which may be `null`.
  public func contains(_ field: String) -> Bool { range(of: field) != nil }

  /// A string's text.
  public func string(_ field: String) throws(RPCError) -> String {
    try read(field) { (scanner) throws(JSONError) in try scanner.readString() }
  }

  /// An integer of 64 bits, written without fraction and exponent: `1.0` is refused.
  public func integer(_ field: String) throws(RPCError) -> Int {
    try read(field) { (scanner) throws(JSONError) in try scanner.readInteger() }
  }

  /// Any number, as the nearest `Double`; beyond its range, an infinity.
  public func double(_ field: String) throws(RPCError) -> Double {
    try read(field) { (scanner) throws(JSONError) in try scanner.readDouble() }
  }

  /// `true` or `false`.
  public func bool(_ field: String) throws(RPCError) -> Bool {
    try read(field) { (scanner) throws(JSONError) in try scanner.readBool() }
  }

  /// The value as it was written. It may nest ``RawJSON/nestingLimit`` levels deep.
  public func raw(_ field: String) throws(RPCError) -> RawJSON {
    try read(field) { (scanner) throws(JSONError) in try scanner.readRaw(nesting: RawJSON.nestingLimit) }
  }

  /// The value as a tree.
  public func value(_ field: String) throws(RPCError) -> JSONValue { try value(field, as: JSONValue.self) }

  /// The value as one of a type that can be read from JSON.
  ///
  ///     let keys = try request.value("keys", as: [String].self)
  ///
  /// - Complexity: O(length of the value).
  public func value<Value: JSONDecodable>(
    _ field: String, as type: Value.Type
  ) throws(RPCError) -> Value {
    var reader = try reader(field)
    do { return try Value(reading: &reader) } catch { throw .malformedField(field, error) }
  }

  /// The array's elements, each as `element` reads it: for elements whose type is not ``JSONDecodable``.
  ///
  /// - Complexity: O(length of the array).
  public func array<Element>(
    _ field: String, of element: (inout JSONReader) throws(JSONError) -> Element
  ) throws(RPCError) -> [Element] {
    var reader = try reader(field)
    do { return try reader.readArray(of: element) } catch { throw .malformedField(field, error) }
  }

  /// The array of strings.
  public func strings(_ field: String) throws(RPCError) -> [String] { try value(field, as: [String].self) }

  /// The array's elements, each as it was written.
  public func rawArray(_ field: String) throws(RPCError) -> [RawJSON] { try value(field, as: [RawJSON].self) }

  /// A reader that stands at the field's value, which is valid JSON.
  public func reader(_ field: String) throws(RPCError) -> JSONReader {
    JSONReader(storage, try requiredRange(of: field))
  }

  /// The integer; `nil` if the field is missing or `null`.
  public func optionalInteger(_ field: String) throws(RPCError) -> Int? {
    isAbsent(field) ? nil : try integer(field)
  }

  /// The string; `nil` if the field is missing or `null`.
  public func optionalString(_ field: String) throws(RPCError) -> String? {
    isAbsent(field) ? nil : try string(field)
  }
}

// MARK: - Values passed on

extension Message {
  /// The field's value where it lies in the line: the cheapest way to pass a payload on.
  ///
  ///     let payload = try request.field("echo")
  ///     node.reply(to: request, type: "echo_ok") { $0.field("echo", payload) }
  public func field(_ field: String) throws(RPCError) -> Field {
    Field(message: self, range: try requiredRange(of: field))
  }

  /// A field's value as it was written. It retains the whole line: to store a value, use ``raw(_:)``.
  public struct Field: JSONEncodable, Sendable {
    fileprivate let message: Message
    fileprivate let range: Range<Int>

    /// Copies the value straight from the line.
    public func encode(into writer: inout JSONWriter) { message.write(range, into: &writer) }
  }

  /// Copies the field's value as it was written, straight from the line.
  public func writeValue(of field: String, into writer: inout JSONWriter) throws(RPCError) {
    write(try requiredRange(of: field), into: &writer)
  }
}

// MARK: - The whole body

extension Message {
  /// The body as it was written.
  public var rawBody: RawJSON { RawJSON(validated: storage.bytes(in: storage.index.body)) }

  /// The body as a tree.
  public var body: JSONValue { rawBody.decoded() }

  /// The names of the body's fields in the order they were written.
  public var fieldNames: [String] { storage.fieldNames }

  /// How many fields the body has. O(1).
  package var fieldCount: Int { storage.index.fields.count }
}

// MARK: - Lookup

extension Message {
  /// Where the field's value lies. Bodies have few fields, so a linear search is faster than a table.
  private func range(of field: String) -> Range<Int>? {
    field.withContiguousUTF8 { storage.range(of: $0) }
  }

  private func requiredRange(of field: String) throws(RPCError) -> Range<Int> {
    guard let range = range(of: field) else {
      throw .malformedRequest("the field \"\(field)\" is missing")
    }
    return range
  }

  private func isAbsent(_ field: String) -> Bool {
    guard let range = range(of: field) else { return true }
    return storage.bytes(in: range).first == ASCII.n
  }

  @inline(__always)
  private func read<Value>(
    _ field: String, _ body: (inout JSONScanner) throws(JSONError) -> Value
  ) throws(RPCError) -> Value {
    let range = try requiredRange(of: field)
    do {
      return try storage.withScanner(over: range, body)
    } catch {
      throw .malformedField(field, error)
    }
  }
}
