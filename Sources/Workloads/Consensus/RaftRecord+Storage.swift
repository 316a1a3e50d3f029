import EddyNode
import EddyRaft

// Records of the log on disk, as JSON:
//
//     ["vote", term, candidate or null]
//     ["entries", index before the first, entries…]
//     ["snapshot", [term, index], [term, index] of the base, [sessions…], state]

extension RaftRecord {
  /// The record as bytes.
  var encoded: [UInt8] {
    var writer = JSONWriter()
    writer.array {
      switch self {
      case .vote(let term, let candidate):
        $0.value("vote")
        $0.value(term)
        $0.value(candidate)
      case .entries(let index, let entries):
        $0.value("entries")
        $0.value(index)
        for entry in entries { $0.value(entry) }
      case .snapshot(let snapshot, let base):
        $0.value("snapshot")
        $0.value(snapshot.position)
        $0.value(base)
        $0.value(snapshot.sessions)
        $0.encoded(snapshot.data[...])
      }
    }
    return writer.bytes
  }

  /// Throws if the bytes are no record: another program has written them.
  init(decoding bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes)
    try reader.beginArray()
    switch try reader.nextElement() ? try reader.readString() : "" {
    case "vote":
      let term = try Int(readingElement: &reader)
      self = .vote(term: term, candidate: try Int?(readingElement: &reader))
    case "entries":
      let index = try Int(readingElement: &reader)
      var entries: [Entry] = []
      while try reader.nextElement() { entries.append(try Entry(reading: &reader)) }
      self = .entries(after: index, entries)
    case "snapshot":
      let position = try Position(try [Int](readingElement: &reader))
      let base = try Position(try [Int](readingElement: &reader))
      let sessions = try [Int](readingElement: &reader)
      let data = try reader.nextElement() ? Array(try reader.readSlice()) : []
      self = .snapshot(Snapshot(position: position, sessions: sessions, data: data), base: base)
    default: throw .notAllowed(at: 0)
    }
  }
}

extension JSONDecodable {
  /// Reads the next element of an array.
  fileprivate init(readingElement reader: inout JSONReader) throws(JSONError) {
    _ = try reader.nextElement()
    try self.init(reading: &reader)
  }
}

extension Position {
  fileprivate init(_ numbers: [Int]) throws(JSONError) {
    guard numbers.count == 2 else { throw .notAllowed(at: 0) }
    self.init(term: numbers[0], index: numbers[1])
  }
}
