package import EddyNode

/// A micro-operation of a kafka client, in the form of Jepsen's `tests/kafka.clj`.
package enum KafkaMicroOperation {
  package struct Record {
    package var offset: Int?
    package var message: RawJSON
  }

  /// `["send", key, message]`, or `["send", key, [offset, message]]` in an `ok` completion.
  case send(key: String, Record)
  /// `["poll"]`, or `["poll", {key: [[offset, message], …], …}]` in an `ok` completion.
  case poll([(key: String, records: [Record])])

  /// The micro-operations of an operation's value; empty if the value is not a list of them.
  package static func list(_ value: RawJSON?) -> [KafkaMicroOperation] {
    (try? value?.decoded(as: [KafkaMicroOperation].self)) ?? []
  }

  /// The value of an operation with one send. The offset is nil before it is acknowledged.
  package static func encode(send message: RawJSON, to key: String, at offset: Int? = nil) -> RawJSON {
    list {
      $0.value("send")
      $0.value(key)
      guard let offset else { return $0.value(message) }
      $0.array {
        $0.value(offset)
        $0.value(message)
      }
    }
  }

  /// The value of an operation with one poll. The records are a reply's `msgs`; nil before the reply.
  package static func encode(poll records: RawJSON? = nil) -> RawJSON {
    list {
      $0.value("poll")
      if let records { $0.value(records) }
    }
  }

  /// The value of an operation with one micro-operation.
  private static func list(_ part: (inout JSONWriter) -> Void) -> RawJSON {
    var writer = JSONWriter()
    writer.array { $0.array(part) }
    var reader = JSONReader(writer.bytes)
    guard let value = try? reader.readRaw() else { preconditionFailure("a writer writes JSON") }
    return value
  }
}

extension KafkaMicroOperation {
  /// By key: the highest offset in the included sends and polls; -1 if a poll returned no record.
  package static func highestOffsets(
    _ operations: [KafkaMicroOperation], where isIncluded: (KafkaMicroOperation) -> Bool = { _ in true }
  ) -> [String: Int] {
    var highest: [String: Int] = [:]
    for operation in operations where isIncluded(operation) {
      switch operation {
      case .send(let key, let record):
        if let offset = record.offset { highest[key] = max(highest[key] ?? 0, offset) }
      case .poll(let keys):
        for (key, records) in keys {
          highest[key] = records.compactMap(\.offset).reduce(highest[key] ?? -1, max)
        }
      }
    }
    return highest
  }

  package var isSend: Bool { if case .send = self { true } else { false } }
}

// MARK: - Reading

extension KafkaMicroOperation: JSONDecodable {
  package init(reading reader: inout JSONReader) throws(JSONError) {
    self = .poll([])
    try reader.beginArray()
    guard try reader.nextElement() else { return }
    if try reader.readString() == "send" {
      var parts: (String, Record) = ("", Record(message: RawJSON.null))
      if try reader.nextElement() { parts.0 = try reader.readString() }
      if try reader.nextElement() { parts.1 = try Record(reading: &reader) }
      self = .send(key: parts.0, parts.1)
    } else if try reader.nextElement() {
      self = .poll(try reader.readRecordsByKey())
    }
    while try reader.nextElement() { try reader.skip() }
  }
}

extension JSONReader {
  /// Reads the `msgs` of a poll's reply: an object from keys to arrays of `[offset, message]`.
  package mutating func readRecordsByKey() throws(JSONError) -> [(
    key: String, records: [KafkaMicroOperation.Record]
  )] {
    var keys: [(key: String, records: [KafkaMicroOperation.Record])] = []
    try beginObject()
    while let key = try nextKey() {
      keys.append((key, try [KafkaMicroOperation.Record](reading: &self)))
    }
    return keys
  }
}

extension KafkaMicroOperation.Record: JSONDecodable {
  /// Reads `[offset, message]`, or a message without an offset.
  package init(reading reader: inout JSONReader) throws(JSONError) {
    self.init(message: RawJSON.null)
    guard reader.peek() == .array else {
      message = try reader.readRaw()
      return
    }
    try reader.beginArray()
    if try reader.nextElement() { offset = try Int?(reading: &reader) }
    if try reader.nextElement() { message = try reader.readRaw() }
    while try reader.nextElement() { try reader.skip() }
  }
}
