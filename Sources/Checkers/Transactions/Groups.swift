/// Lists of small integers, one for each of the integers from 0 to a count, in two arrays.
struct Groups {
  private var starts: [Int32] = [0]
  private var members: [Int32] = []

  init() {}

  /// Groups the second parts of pairs by the first ones, each group in the order of the pairs.
  ///
  /// - Complexity: O(count + pairs).
  init(count: Int, _ pairs: [(Int, Int)]) {
    starts = Array(repeating: 0, count: count + 1)
    for (group, _) in pairs { starts[group + 1] += 1 }
    for group in 0..<count { starts[group + 1] += starts[group] }
    var next = starts
    members = Array(repeating: 0, count: pairs.count)
    for (group, member) in pairs {
      members[Int(next[group])] = Int32(member)
      next[group] += 1
    }
  }

  subscript(_ group: Int) -> ArraySlice<Int32> { members[Int(starts[group])..<Int(starts[group + 1])] }
}
