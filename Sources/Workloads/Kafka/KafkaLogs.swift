import EddyNode

/// All logs, as the segments up to some slot define them: the same on every node that has applied the same
/// segments. Only committed offsets may be ahead of what is stored.
struct KafkaLogs {
  /// The records of one key, encoded as polls return them, so that a poll is one copy.
  private struct Log {
    /// `[0,"a"],[1,"b"],…`
    var pairs: [UInt8] = []
    /// Where each pair begins.
    var starts: [Int] = []

    mutating func append(_ message: RawJSON) {
      if !pairs.isEmpty { pairs.append(UInt8(ascii: ",")) }
      starts.append(pairs.count)
      pairs.append(UInt8(ascii: "["))
      pairs.append(contentsOf: String(starts.count - 1).utf8)
      pairs.append(UInt8(ascii: ","))
      pairs.append(contentsOf: message.bytes)
      pairs.append(UInt8(ascii: "]"))
    }
  }

  private var logs: [String: Log] = [:]
  private var committed: [String: Int] = [:]
  /// How many records of each origin are in the logs, for origins that have any: one entry for each incarnation
  /// that has appended something, which are fewer than the records.
  ///
  /// None can be forgotten. A batch of a former incarnation may still come, from the queue of a node that was
  /// stopped for any time, and would count again.
  private var applied: [Origin: Int] = [:]

  /// The number of records of an origin that are in the logs.
  func count(from origin: Origin) -> Int { applied[origin] ?? 0 }

  /// The offset that the next record of a key gets: there is a record at each lower one.
  func end(of key: String) -> Int { logs[key]?.starts.count ?? 0 }

  /// The highest offset committed; nil if there is none.
  func committedOffset(of key: String) -> Int? { committed[key] }

  /// Raises a key's committed offset; it never falls.
  mutating func commit(_ offset: Int, of key: String) { committed[key] = max(offset, committed[key] ?? 0) }

  /// Writes a key's records from an offset on, as the elements of an array. O(length of the output).
  func write(_ key: String, from offset: Int, to writer: inout JSONWriter) {
    guard let log = logs[key], offset < log.starts.count else { return }
    writer.encoded(log.pairs[log.starts[offset]...])
  }

  /// Appends what is new in the next segment, and calls `placed` for each new record with its offset.
  ///
  /// A batch may be in several segments, whole or in part: its records count where they come first. A batch that
  /// begins behind a gap of its origin does not count. Nor does a committed offset without a record: whoever
  /// commits an offset has read its record in an earlier segment.
  mutating func apply(
    _ segment: KafkaSegment, placed: (_ origin: Origin, _ number: Int, _ offset: Int) -> Void
  ) {
    for batch in segment.batches {
      let known = count(from: batch.origin)
      guard batch.first <= known, batch.end > known else { continue }
      for (number, record) in zip(batch.first..., batch.records) where number >= known {
        placed(batch.origin, number, end(of: record.key))
        logs[record.key, default: Log()].append(record.message)
      }
      applied[batch.origin] = batch.end
    }
    for (key, offset) in segment.commits where (0..<end(of: key)).contains(offset) { commit(offset, of: key) }
  }
}
