package import EddyNode
package import EddyTiming

/// One entry of a history's file as its fields say it, before it is checked that they make an operation.
package struct UncheckedOperation {
  /// Why the fields are not an entry.
  package struct Malformed: Error, CustomStringConvertible {
    package let description: String

    package init(reason: String) { description = reason }
  }

  /// The entry's index in the file.
  package var index: Int?
  package var time: Instant?
  package var process: Operation.Process?
  package var kind: Operation.Kind?
  package var function: String?
  package var value: RawJSON?
  package var error: OperationError?
  package var isFinal = false
  package var node: String?
  package var client: String?

  /// No fields.
  package init() {}

  /// Reads an object as ``HistoryFile`` describes it. Throws `JSONError` or ``Malformed``.
  package init(json line: ArraySlice<UInt8>) throws {
    var reader = JSONReader(Array(line))
    try reader.beginObject()
    while let key = try reader.nextKey() { try set(key, to: try reader.readRaw()) }
    try reader.finish()
  }

  /// Sets a field from a member of a JSON object or EDN map. Names that ``HistoryFile`` does not have are
  /// ignored. Throws `JSONError`, ``Malformed`` or ``ImpossibleTime``.
  package mutating func set(_ name: String, to value: RawJSON) throws {
    var reader = value.reader
    let isNull = reader.peek() == .null
    switch name {
    case "index": index = isNull ? nil : try reader.readInt()
    case "time":
      time = isNull ? nil : try Instant(recordedIn: &reader)
      if let time, time < .zero { throw Malformed(reason: "a negative \"time\"") }
    case "process": process = try Operation.Process(reading: &reader)
    case "type":
      guard let kind = Operation.Kind(rawValue: try reader.readString()) else {
        throw Malformed(reason: "unknown \"type\"")
      }
      self.kind = kind
    case "f": function = try reader.readString()
    case "value": self.value = value
    case "error": error = isNull ? nil : try OperationError(parsing: value)
    // The second is Jepsen's name in an `assign` that starts at the beginning of each log.
    case "final?", "seek-to-beginning?": isFinal = isFinal || value.decoded() == true
    case "node": node = isNull ? nil : try reader.readString()
    case "client": client = isNull ? nil : try reader.readString()
    default: break
    }
  }

  /// The entry. Throws if a required field is missing.
  ///
  /// - Parameter previous: The time of the previous entry, for an entry without a time.
  package func operation(after previous: Instant) throws(Malformed) -> Operation {
    func required<Value>(_ value: Value?, _ name: String) throws(Malformed) -> Value {
      guard let value else { throw Malformed(reason: "no \"\(name)\"") }
      return value
    }
    return Operation(
      time: time ?? previous, process: try required(process, "process"), kind: try required(kind, "type"),
      function: try required(function, "f"), value: value, error: error, isFinal: isFinal, node: node,
      client: client)
  }
}

extension Operation.Process {
  fileprivate init(reading reader: inout JSONReader) throws {
    if reader.peek() == .number {
      let number = try reader.readInt()
      guard number >= 0 else { throw UncheckedOperation.Malformed(reason: "a negative \"process\"") }
      self = .client(number)
    } else if reader.peek() == .string, try reader.readString() == "nemesis" {
      self = .nemesis
    } else {
      throw UncheckedOperation.Malformed(reason: "unknown \"process\"")
    }
  }
}

extension OperationError {
  /// Reads an error as Jepsen's clients write it: a name, an array of a name and texts, or a text that may
  /// begin with a name and a colon.
  fileprivate init(parsing value: RawJSON) throws {
    var reader = value.reader
    switch reader.peek() {
    case .string:
      let text = try reader.readString()
      if let colon = text.firstRange(of: ": "), text[..<colon.lowerBound].isName {
        self.init(name: String(text[..<colon.lowerBound]), text: String(text[colon.upperBound...]))
      } else if text[...].isName {
        self.init(name: text)
      } else {
        self.init(name: "error", text: text)
      }
    case .array:
      try reader.beginArray()
      guard try reader.nextElement(), reader.peek() == .string else {
        throw UncheckedOperation.Malformed(reason: "malformed \"error\"")
      }
      let name = try reader.readString()
      var texts: [String] = []
      while try reader.nextElement() {
        texts.append(reader.peek() == .string ? try reader.readString() : try reader.readRaw().description)
      }
      self.init(name: name, text: texts.isEmpty ? nil : texts.joined(separator: " "))
    default: self.init(name: "error", text: value.description)
    }
  }
}

extension Substring {
  /// Whether this is a single word, such as an error's name.
  fileprivate var isName: Bool {
    !isEmpty && utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: ":") }
  }
}
