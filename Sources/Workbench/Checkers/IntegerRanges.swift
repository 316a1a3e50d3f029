import Node

/// A set of integers as its runs: disjoint closed ranges, ascending, with a gap between any two.
struct IntegerRanges: Hashable, CustomStringConvertible {
  private(set) var ranges: [ClosedRange<Int64>]

  init(_ integer: Int64) { ranges = [integer...integer] }

  /// O(log n).
  func contains(_ integer: Int64) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < integer { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(integer)
  }

  /// Adds to the set each of its integers plus `delta`. O(n log n).
  mutating func formUnion(shiftedBy delta: Int64) {
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
  var json: JSONValue { .array(ranges.map { [.integer($0.lowerBound), .integer($0.upperBound)] }) }

  /// Such as "5, 7 or from 9 to 12".
  var description: String {
    let runs = ranges.map {
      $0.count == 1 ? "\($0.lowerBound)" : "from \($0.lowerBound) to \($0.upperBound)"
    }
    guard let last = runs.last, runs.count > 1 else { return runs[0] }
    return runs.dropLast().joined(separator: ", ") + " or " + last
  }
}
