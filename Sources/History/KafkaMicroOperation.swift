package import EddyNode

/// A part of what a kafka client does in one operation, as Jepsen's `tests/kafka.clj` writes it.
package enum KafkaMicroOperation {
  package struct Record {
    package var offset: Int?
    package var message: RawJSON
  }

  /// `["send", key, message]`; once the offset is known, `["send", key, [offset, message]]`.
  case send(key: String, Record)
  /// `["poll"]`; once answered, `["poll", {key: [[offset, message], …], …}]`.
  case poll([(key: String, records: [Record])])

  /// The parts of an operation's value; none if it is no list of such.
  package static func list(_ value: RawJSON?) -> [KafkaMicroOperation] {
    (try? value?.decoded(as: [KafkaMicroOperation].self)) ?? []
  }

  /// A send that is yet to be acknowledged, or has been at an offset.
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

  /// A poll that is yet to be answered, or has been with a reply's `msgs`.
  package static func encode(poll records: RawJSON? = nil) -> RawJSON {
    list {
      $0.value("poll")
      if let records { $0.value(records) }
    }
  }

  /// An operation's value that has one part.
  private static func list(_ part: (inout JSONWriter) -> Void) -> RawJSON {
    var writer = JSONWriter()
    writer.array { $0.array(part) }
    var reader = JSONReader(writer.bytes)
    guard let value = try? reader.readRaw() else { preconditionFailure("a writer writes JSON") }
    return value
  }
}

extension KafkaMicroOperation {
  /// The highest offset known of each key, over the sends and polls that `isIncluded` picks; -1 where
  /// a poll found nothing.
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
  /// Reads the `msgs` of a poll's reply: an object of arrays of pairs.
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
  /// Reads `[offset, message]`, or a message whose offset is not known.
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
