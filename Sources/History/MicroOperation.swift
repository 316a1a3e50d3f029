package import EddyNode

/// A micro-operation of a transaction over registers: `["r", key, value]` or `["w", key, value]`.
package struct MicroOperation: Hashable {
  package enum Function: String {
    case read = "r"
    case write = "w"
  }

  package var function: Function
  package var key: RawJSON
  /// The value read or written. Nil, encoded as `null`, for a read before its completion and for a read of
  /// the initial state.
  package var value: RawJSON?

  package init(function: Function, key: RawJSON, value: RawJSON? = nil) {
    self.function = function
    self.key = key
    self.value = value
  }
}

extension MicroOperation: JSONEncodable {
  package func encode(into writer: inout JSONWriter) {
    writer.array {
      $0.value(function.rawValue)
      $0.value(key)
      $0.value(value)
    }
  }

  /// The micro-operations of a transaction; nil if the value is not a list of them.
  package static func transaction(_ value: RawJSON) -> [MicroOperation]? {
    var reader = value.reader
    var microOperations: [MicroOperation] = []
    guard (try? reader.beginArray()) != nil else { return nil }
    while (try? reader.nextElement()) == true {
      guard let microOperation = MicroOperation(reading: &reader) else { return nil }
      microOperations.append(microOperation)
    }
    return microOperations
  }

  private init?(reading reader: inout JSONReader) {
    guard (try? reader.beginArray()) != nil,
      (try? reader.nextElement()) == true, let name = try? reader.readString(),
      let function = Function(rawValue: name),
      (try? reader.nextElement()) == true, let key = try? reader.readRaw(),
      (try? reader.nextElement()) == true, let value = try? reader.readRaw(),
      (try? reader.nextElement()) == false
    else { return nil }
    self.init(function: function, key: key, value: value.isNull ? nil : value)
  }
}

extension RawJSON {
  fileprivate var isNull: Bool { reader.peek() == .null }
}
