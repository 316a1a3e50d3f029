import ArgumentParser

/// The flags of workloads whose nodes gossip.
struct WindowFlag: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Milliseconds between two rounds of gossip (default: 400 for broadcast and g-set, 2000 for counters and with \
      --direct, 250 for transactions). What one node knows takes one window and two network latencies to the \
      others at most, four with more than 64 nodes; a round costs two messages a node at most.
      """)
  var window: Int?

  func validate() throws {
    guard let window, !(0...3_600_000).contains(window) else { return }
    throw ValidationError("--window must be from 0 to 3600000 milliseconds")
  }

  /// The duration, or a workload's own choice.
  func duration(or standard: Int) -> Duration { .milliseconds(window ?? standard) }
}
