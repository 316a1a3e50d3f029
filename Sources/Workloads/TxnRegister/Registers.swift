import EddyNode

/// When a transaction was executed, in an order on which all nodes agree.
struct TransactionStamp: Comparable {
  /// A reading of the ``HybridClock`` of the node that executed it.
  var time: Int
  /// The readings that a stamp can have. Every node refuses others: no clock reaches them.
  static let times = 0..<(1 << 62)
  /// Tells apart what two nodes, or two incarnations of one, do at the same time.
  var writer: Int

  static func < (a: TransactionStamp, b: TransactionStamp) -> Bool { (a.time, a.writer) < (b.time, b.writer) }
}

/// The writes of a transaction: the last value that it wrote to each key.
///
///     [1700000000, 81726, [3, 17], ["x", null]]
struct WriteSet {
  var stamp: TransactionStamp
  var writes: [(key: RawJSON, value: RawJSON)]
}

extension WriteSet: JSONEncodable {
  func encode(into writer: inout JSONWriter) {
    writer.array {
      $0.value(stamp.time)
      $0.value(stamp.writer)
      for (key, value) in writes { $0.value([key, value]) }
    }
  }

  /// Nil if the value is no write set.
  init?(_ entry: RawJSON) {
    do {
      var reader = entry.reader
      var fields: [RawJSON] = []
      try reader.beginArray()
      while try reader.nextElement() { fields.append(try reader.readRaw()) }
      guard fields.count >= 2 else { return nil }
      var (time, writer) = (fields[0].reader, fields[1].reader)
      stamp = TransactionStamp(time: try time.readInt(), writer: try writer.readInt())
      guard TransactionStamp.times.contains(stamp.time) else { return nil }
      writes = []
      for field in fields.dropFirst(2) {
        var pair = field.reader
        let parts = try [RawJSON](reading: &pair)
        guard parts.count == 2 else { return nil }
        writes.append((parts[0], parts[1]))
      }
    } catch {
      return nil
    }
  }
}

/// The last written value of each key.
///
/// Write sets may be applied in any order, and twice: the state is the same in the end. A set is applied as a
/// whole between two transactions, so none ever sees a part of it.
final class Registers {
  private struct Register {
    var value: RawJSON
    var stamp: TransactionStamp
    var source: EntryID
  }

  /// Called with each write set of which no value can be read any more.
  var superseded: (EntryID) -> Void = { _ in }

  private(set) var clock = HybridClock()
  private var registers: [RawJSON: Register] = [:]
  /// How many registers hold a value of each write set; at least one.
  private var holders: [EntryID: Int] = [:]

  /// Nil for a key that nobody has written. O(1).
  func value(of key: RawJSON) -> RawJSON? { registers[key]?.value }

  /// A stamp later than those of all write sets that were applied; nil if there is none.
  func nextStamp(writer: Int, on node: Node) -> TransactionStamp? {
    clock.tick(at: node.now).map { TransactionStamp(time: $0, writer: writer) }
  }

  /// Writes each key whose register has an earlier stamp: the last writer wins.
  func apply(_ set: WriteSet, from source: EntryID) {
    clock.observe(set.stamp.time)
    // Holds the set until all is written: a later write of it may replace an earlier one.
    holders[source, default: 0] += 1
    for (key, value) in set.writes {
      let known = registers[key]
      if let known, known.stamp > set.stamp { continue }
      registers[key] = Register(value: value, stamp: set.stamp, source: source)
      holders[source, default: 0] += 1
      if let known { release(known.source) }
    }
    release(source)
  }

  private func release(_ source: EntryID) {
    let count = holders[source]! - 1
    holders[source] = count > 0 ? count : nil
    if count == 0 { superseded(source) }
  }
}
