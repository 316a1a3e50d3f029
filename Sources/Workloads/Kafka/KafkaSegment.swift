import EddyNode

/// Records that one node was sent, in the order in which they came.
struct KafkaBatch: Equatable {
  struct Record: Equatable {
    var key: String
    var message: RawJSON
  }

  var origin: Origin
  /// The number of the first record; each origin numbers its records from 0.
  var first: Int
  var records: [Record]

  /// The number after the last record.
  var end: Int { first + records.count }

  /// The range of slots, record numbers and offsets, in which no sum of two overflows. A segment with others is
  /// malformed.
  static let numbers = 0..<(1 << 50)
}

/// What one write to the store holds: records of many keys and many nodes, and committed offsets.
///
///     {"slot": 17, "writer": 0, "batches": [[0, 81726, 4, ["k1", 9], ["k2", 5]]], "commits": {"k1": 6}}
///
/// A batch is its origin's node and incarnation, its first number, and its records.
struct KafkaSegment: Equatable {
  /// Its number in the sequence of all segments.
  var slot: Int
  /// The index of the node that made it.
  var writer: Int
  var batches: [KafkaBatch]
  var commits: [String: Int]
}

// MARK: - Wire

extension KafkaSegment: JSONEncodable, JSONDecodable {
  func encode(into writer: inout JSONWriter) {
    writer.object {
      $0.field("slot", slot)
      $0.field("writer", self.writer)
      $0.field("batches", batches)
      if !commits.isEmpty { $0.field("commits", sorted: commits) }
    }
  }

  init(reading reader: inout JSONReader) throws(JSONError) {
    self.init(slot: -1, writer: -1, batches: [], commits: [:])
    try reader.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "slot": slot = try reader.readInt(in: KafkaBatch.numbers)
      case "writer": writer = try reader.readInt()
      case "batches":
        batches = try [KafkaBatch](reading: &reader)
      case "commits": commits = try reader.readOffsets()
      default: try reader.skip()
      }
    }
  }
}

extension KafkaBatch: JSONEncodable, JSONDecodable {
  func encode(into writer: inout JSONWriter) {
    writer.array {
      $0.value(origin.node)
      $0.value(origin.incarnation)
      $0.value(first)
      for record in records {
        $0.array {
          $0.value(record.key)
          $0.value(record.message)
        }
      }
    }
  }

  init(reading reader: inout JSONReader) throws(JSONError) {
    self.init(origin: Origin(node: -1, incarnation: -1), first: 0, records: [])
    try reader.beginArray()
    if try reader.nextElement() { origin.node = try reader.readInt() }
    if try reader.nextElement() { origin.incarnation = try reader.readInt() }
    if try reader.nextElement() { first = try reader.readInt(in: KafkaBatch.numbers) }
    while try reader.nextElement() {
      var record = Record(key: "", message: RawJSON(0))
      try reader.beginArray()
      if try reader.nextElement() { record.key = try reader.readString() }
      if try reader.nextElement() { record.message = try reader.readRaw() }
      while try reader.nextElement() { try reader.skip() }
      records.append(record)
    }
  }
}

extension JSONReader {
  /// Reads an object whose members are offsets.
  mutating func readOffsets() throws(JSONError) -> [String: Int] {
    [String: Int](lastOf: try readIntegersByKey(in: KafkaBatch.numbers))
  }
}
