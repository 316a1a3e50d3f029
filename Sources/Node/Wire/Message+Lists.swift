extension Message {
  /// The elements of the field's array, each as `element` reads it.
  ///
  /// Throws ``RPCError/malformedRequest(_:)`` if the field is missing, is no array, or holds an
  /// element that `element` cannot read. O(length of the array).
  public func array<Element>(
    _ field: String, of element: (inout JSONReader) throws(JSONError) -> Element
  ) throws(RPCError) -> [Element] {
    var reader = try reader(field)
    do {
      return try reader.readArray(of: element)
    } catch {
      throw .malformedField(field, error)
    }
  }

  /// The field's array of strings.
  public func strings(_ field: String) throws(RPCError) -> [String] {
    try array(field) { (reader) throws(JSONError) in try reader.readString() }
  }

  /// The field's array, each element as it was written.
  public func rawArray(_ field: String) throws(RPCError) -> [RawJSON] {
    try array(field) { (reader) throws(JSONError) in try reader.readRaw() }
  }

  /// The names of the body's fields in the order they were written.
  public var fieldNames: [String] { storage.fieldNames }

  /// How many fields the body has. O(1).
  package var fieldCount: Int { storage.index.fields.count }
}

extension JSONReader {
  /// Reads an array, each element by `element`.
  public mutating func readArray<Element>(
    of element: (inout JSONReader) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    var elements: [Element] = []
    try beginArray()
    while try nextElement() { elements.append(try element(&self)) }
    return elements
  }
}
