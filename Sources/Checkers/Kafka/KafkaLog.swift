/// What all that was seen of a key says of its log: which records are at which offsets.
///
/// Offsets may have gaps. The *index* of an entry is its rank among the offsets that are known, so
/// entries next to each other have indices next to each other. Jepsen calls this a version order.
struct KafkaLog {
  /// A record at an offset, and the step that was the first to say so.
  struct Claim {
    var record: Int
    var witness: Int
  }

  struct Entry {
    var offset: Int
    /// One claim if all agree. The first made comes first.
    var claims: [Claim]
  }

  /// In the order of their offsets.
  let entries: [Entry]
  /// The first and the last index at which a record is claimed to be.
  private let bounds: [Int: ClosedRange<Int>]

  /// - Complexity: O(n log n) in the number of offsets.
  init(_ claims: [Int: [Claim]]) {
    entries = claims.sorted { $0.key < $1.key }.map { Entry(offset: $0.key, claims: $0.value) }
    var bounds: [Int: ClosedRange<Int>] = [:]
    for (index, entry) in entries.enumerated() {
      for claim in entry.claims { bounds[claim.record] = (bounds[claim.record]?.lowerBound ?? index)...index }
    }
    self.bounds = bounds
  }

  func firstIndex(of record: Int) -> Int? { bounds[record]?.lowerBound }
  /// The index that stands for a record, be it alone there or not.
  func lastIndex(of record: Int) -> Int? { bounds[record]?.upperBound }

  /// From one record to another: 1 if the second comes right after the first, 0 or less if it does not
  /// come after it, nil if the log does not tell which comes first: where one of them is may be unknown,
  /// or both are claimed to be at one offset.
  ///
  /// Jepsen lets one record stand for each offset, and knows no place of the others. So it never says
  /// that two records that share an offset are out of order: that they share it is the anomaly.
  func distance(from first: Int?, to second: Int?) -> Int? {
    guard let first, let second, let start = lastIndex(of: first), let end = lastIndex(of: second),
      start != end || first == second
    else { return nil }
    return end - start
  }

  /// The offsets that exist between two records.
  func offsets(between first: Int, and second: Int) -> [Int] {
    guard let start = lastIndex(of: first), let end = lastIndex(of: second), start + 1 < end else {
      return []
    }
    return entries[(start + 1)..<end].map(\.offset)
  }

  func offset(of record: Int) -> Int? { lastIndex(of: record).map { entries[$0].offset } }

  /// The records at more than one offset, each with its claims, in the order of their first offsets.
  var duplicates: [(record: Int, claims: [(offset: Int, witness: Int)])] {
    var places: [Int: [(offset: Int, witness: Int)]] = [:]
    for entry in entries {
      for claim in entry.claims { places[claim.record, default: []].append((entry.offset, claim.witness)) }
    }
    return places.filter { $0.value.count > 1 }.map { ($0.key, $0.value) }
      .sorted { ($0.1[0].offset, $0.0) < ($1.1[0].offset, $1.0) }
  }
}
