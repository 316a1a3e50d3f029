/// The log of one key, inferred from sends and polls: which records are at which offsets.
///
/// Offsets may have gaps. The *index* of an entry is its rank among the known offsets, so adjacent entries
/// have adjacent indices. Jepsen calls this the version order.
struct KafkaLog {
  /// A record at an offset, and the first operation that observed it there.
  struct Observation {
    var record: Int
    var operation: Int
  }

  struct Entry {
    var offset: Int
    /// Distinct records, in the order of their operations; one if all operations agree.
    var observations: [Observation]
  }

  /// The entries, in the order of their offsets.
  let entries: [Entry]
  /// By record: the first and the last index at which it was observed.
  private let bounds: [Int: ClosedRange<Int>]

  /// - Complexity: O(n log n) in the number of offsets.
  init(_ observations: [Int: [Observation]]) {
    entries = observations.sorted { $0.key < $1.key }.map { Entry(offset: $0.key, observations: $0.value) }
    var bounds: [Int: ClosedRange<Int>] = [:]
    for (index, entry) in entries.enumerated() {
      for observation in entry.observations {
        bounds[observation.record] = (bounds[observation.record]?.lowerBound ?? index)...index
      }
    }
    self.bounds = bounds
  }

  func firstIndex(of record: Int) -> Int? { bounds[record]?.lowerBound }
  /// The index that counts as the record's position, even if it shares the offset with others.
  func lastIndex(of record: Int) -> Int? { bounds[record]?.upperBound }

  /// The distance in indices from one record to another: 1 if the second follows the first directly, 0 or
  /// less if it does not follow it. Nil if the order is unknown: an offset is unknown, or both share one
  /// offset.
  ///
  /// Jepsen keeps one record for each offset and drops the others, so it never reports records that share an
  /// offset as out of order. The shared offset is the anomaly.
  func distance(from first: Int?, to second: Int?) -> Int? {
    guard let first, let second, let start = lastIndex(of: first), let end = lastIndex(of: second),
      start != end || first == second
    else { return nil }
    return end - start
  }

  /// The known offsets between two records.
  func offsets(between first: Int, and second: Int) -> [Int] {
    guard let start = lastIndex(of: first), let end = lastIndex(of: second), start + 1 < end else {
      return []
    }
    return entries[(start + 1)..<end].map(\.offset)
  }

  func offset(of record: Int) -> Int? { lastIndex(of: record).map { entries[$0].offset } }

  /// The records at more than one offset, each with its offsets, in the order of the first offset.
  var duplicates: [(record: Int, observations: [(offset: Int, operation: Int)])] {
    var indices: [Int: [(offset: Int, operation: Int)]] = [:]
    for entry in entries {
      for observation in entry.observations {
        indices[observation.record, default: []].append((entry.offset, observation.operation))
      }
    }
    return indices.filter { $0.value.count > 1 }.map { ($0.key, $0.value) }
      .sorted { ($0.1[0].offset, $0.0) < ($1.1[0].offset, $1.0) }
  }
}
