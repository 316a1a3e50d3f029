extension [String] {
  /// The distinct strings, in the order of first occurrence.
  package func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }

  /// The strings as an enumeration, such as "n0, n1 and n2". If there are more than `limit`, the last ones
  /// are counted: "n0, n1 and 5 others".
  package func enumerated(limit: Int, conjunction: String = "and") -> String {
    guard count > 1 else { return joined() }
    let shown = count > limit ? Array(prefix(limit - 1)) : Array(dropLast())
    let last = count > limit ? "\(count - shown.count) others" : self[count - 1]
    return shown.joined(separator: ", ") + " \(conjunction) " + last
  }
}
