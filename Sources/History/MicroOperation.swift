package import EddyNode

/// One step of a transaction: `["r", key, value]` or `["w", key, value]`.
package struct MicroOperation: Hashable {
  package enum Function: String {
    case read = "r"
    case write = "w"
  }

  package var function: Function
  package var key: RawJSON
  /// What was read or is to be written; nil, which is written `null`, for a read that has yet to
  /// happen or that found nothing.
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

  /// The steps of a transaction; nil if the value is none.
  package static func transaction(_ value: RawJSON) -> [MicroOperation]? {
    var reader = value.reader
    var steps: [MicroOperation] = []
    guard (try? reader.beginArray()) != nil else { return nil }
    while (try? reader.nextElement()) == true {
      guard let step = MicroOperation(reading: &reader) else { return nil }
      steps.append(step)
    }
    return steps
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
