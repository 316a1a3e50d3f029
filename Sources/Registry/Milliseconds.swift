import ArgumentParser

/// Durations as flags have them: in whole milliseconds.
extension Duration {
  /// The default value of a flag, from a workload's default.
  var wholeMilliseconds: Int { Int(self / .milliseconds(1)) }
}

/// Throws what the parser prints if the milliseconds of a flag are out of range.
func validate(_ flag: String, _ milliseconds: Int?, atMost maximum: Int = millisecondsPerHour) throws {
  guard let milliseconds, !(0...maximum).contains(milliseconds) else { return }
  throw ValidationError("\(flag) must be from 0 to \(maximum) milliseconds")
}

private let millisecondsPerHour = 3_600_000

extension ArgumentHelp {
  /// The help of a flag for the time between two rounds of gossip.
  static let window = ArgumentHelp(
    """
    Time between two rounds of gossip, in milliseconds. A value reaches all nodes within one window and two \
    network latencies, four with more than 64 nodes. A round costs at most two messages per node.
    """, valueName: "ms")
}
