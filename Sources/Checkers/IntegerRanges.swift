import EddyHistory
import EddyNode

/// A set of integers as disjoint closed ranges, ascending, with a gap between any two.
///
/// The integers have 128 bits, twice the width of those in a history, so that no sum overflows.
struct IntegerRanges: Hashable, CustomStringConvertible {
  private(set) var ranges: [ClosedRange<Int128>]

  init(_ integer: Int128) { ranges = [integer...integer] }

  /// Whether the set contains the integer. O(log n).
  package func contains(_ integer: Int) -> Bool {
    let integer = Int128(integer)
    let index = ranges.partitioningIndex { $0.upperBound >= integer }
    return index < ranges.count && ranges[index].contains(integer)
  }

  /// Forms the union with a copy of the set in which every integer is greater by `delta`. O(n log n).
  mutating func formUnion(shiftedBy delta: Int) {
    let delta = Int128(delta)
    let shifted = ranges.map { $0.lowerBound + delta...$0.upperBound + delta }
    let sorted = (ranges + shifted).sorted { $0.lowerBound < $1.lowerBound }
    ranges = [sorted[0]]
    for range in sorted.dropFirst() {
      let last = ranges[ranges.count - 1]
      if range.lowerBound <= last.upperBound + 1 {
        ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
  }

  /// Maelstrom's form: an array of pairs, each a range's bounds.
  package var json: JSONValue {
    .array(
      ranges.map {
        [.integer(Int(clamping: $0.lowerBound)), .integer(Int(clamping: $0.upperBound))]
      })
  }

  /// The ranges in words, such as "5, 7 or from 9 to 12".
  var description: String {
    let runs = ranges.map {
      $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "from \($0.lowerBound) to \($0.upperBound)"
    }
    guard let last = runs.last, runs.count > 1 else { return runs[0] }
    return runs.dropLast().joined(separator: ", ") + " or " + last
  }
}
