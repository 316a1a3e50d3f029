import ArgumentParser

/// The flags of workloads whose nodes gossip.
struct WindowFlag: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Time between two rounds of gossip, in milliseconds (default: 400 for broadcast and g-set, 2000 for counters \
      and with --direct, 250 for txn-rw-register). A value reaches all nodes within one window and two network \
      latencies, four with more than 64 nodes. A round costs at most two messages per node.
      """)
  var window: Int?

  func validate() throws {
    guard let window, !(0...3_600_000).contains(window) else { return }
    throw ValidationError("--window must be from 0 to 3600000 milliseconds")
  }

  /// The duration, or a workload's own choice.
  func duration(or standard: Int) -> Duration { .milliseconds(window ?? standard) }
}
