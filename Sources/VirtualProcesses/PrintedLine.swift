package import EddyTiming
package import EddyVirtualKernel

/// A line that a node has printed, and what its thread did before.
package struct PrintedLine: Sendable {
  package var time: Instant
  package var node: Int
  package var text: [UInt8]
  package var calls: RecentCalls

  private func isSame(as other: PrintedLine) -> Bool {
    (time, node) == (other.time, other.node) && text == other.text
  }

  private func description(_ nodes: [String]) -> String {
    let calls = calls.list.map { "\($0)" }.joined(separator: ", ")
    return "\(time), \(nodes[node]) after \(calls): \(String(decoding: text.prefix(200), as: UTF8.self))"
  }

  /// Says where two runs part; nil if they print the same.
  package static func firstDifference(_ a: [PrintedLine], _ b: [PrintedLine], nodes: [String]) -> String? {
    let isLonger = a.count != b.count
    guard
      let index = (0..<min(a.count, b.count)).first(where: { !a[$0].isSame(as: b[$0]) })
        ?? (isLonger ? min(a.count, b.count) : nil)
    else { return nil }
    func text(_ lines: [PrintedLine]) -> String {
      index < lines.count ? lines[index].description(nodes) : "nothing"
    }
    return """
      a second run from the same seed printed something else, at line \(index + 1) of all nodes:
        first run:  \(text(a))
        second run: \(text(b))
      """
  }
}
