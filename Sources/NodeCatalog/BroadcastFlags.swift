import ArgumentParser
public import Node
import Workloads

/// The flags of `eddy-node broadcast`.
public struct BroadcastFlags: WorkloadFlags {
  public static let workload = "broadcast"
  public static let abstract = "Makes every value that a node is given known to all nodes."

  /// How the tree that values spread along is found.
  enum Topology: String, CaseIterable, ExpressibleByArgument {
    case relay, given
  }

  @Option(
    help: """
      Milliseconds between two rounds of the relay (default: 400, or 2000 with --direct). A value takes one \
      window and two network latencies at most; a round costs two messages a node at most.
      """)
  var window: Int?

  @Flag(
    help: """
      Send every value to all nodes at once, too. It takes one network latency, and costs a message a node; \
      rounds repair what got lost.
      """)
  var direct = false

  @Option(
    help: """
      Along which tree values spread: relay (a star round the first node) or given (shortest paths within the \
      topology that the nodes are sent).
      """)
  var topology = Topology.relay

  @OptionGroup var acknowledgement: AcknowledgementFlag

  public init() {}

  public func validate() throws {
    if let window, !(0...3_600_000).contains(window) {
      throw ValidationError("--window must be from 0 to 3600000 milliseconds")
    }
  }

  public func makeWorkload() -> any Workload {
    Broadcast(
      .init(
        window: .milliseconds(window ?? (direct ? 2000 : 400)),
        topology: topology == .given ? .given : .relay, acknowledgement: acknowledgement.ack,
        isDirect: direct))
  }
}
