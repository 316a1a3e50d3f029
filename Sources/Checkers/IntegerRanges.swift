import EddyNode

/// A set of integers as its runs: disjoint closed ranges, ascending, with a gap between any two.
///
/// Of twice the width of what a history can hold, so that no sum overflows.
struct IntegerRanges: Hashable, CustomStringConvertible {
  private(set) var ranges: [ClosedRange<Int128>]

  init(_ integer: Int128) { ranges = [integer...integer] }

  /// O(log n).
  package func contains(_ integer: Int) -> Bool {
    let integer = Int128(integer)
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < integer { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(integer)
  }

  /// Adds to the set each of its integers plus `delta`. O(n log n).
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

  /// As in Maelstrom: pairs of the lowest and the highest.
  package var json: JSONValue {
    .array(
      ranges.map {
        [.integer(Int(clamping: $0.lowerBound)), .integer(Int(clamping: $0.upperBound))]
      })
  }

  /// Such as "5, 7 or from 9 to 12".
  var description: String {
    let runs = ranges.map {
      $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "from \($0.lowerBound) to \($0.upperBound)"
    }
    guard let last = runs.last, runs.count > 1 else { return runs[0] }
    return runs.dropLast().joined(separator: ", ") + " or " + last
  }
}
