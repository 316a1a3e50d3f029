import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node broadcast`.
public struct BroadcastFlags: WorkloadFlags {
  public static let workload = "broadcast"
  public static let abstract = "Broadcasts every value to all nodes."

  /// How the tree that values spread along is found.
  enum Topology: String, CaseIterable, ExpressibleByArgument {
    case relay, given
  }

  @OptionGroup var gossip: WindowFlag

  @Flag(
    help: """
      Also send every value to all nodes at once. It arrives after one network latency and costs one message per \
      node; rounds of gossip repair what is lost.
      """)
  var direct = false

  @Option(
    help: """
      Tree along which values spread: relay (a star around the first node; above 64 nodes a tree of depth two) or \
      given (shortest paths within the topology that the nodes are sent).
      """)
  var topology = Topology.relay

  @OptionGroup var acknowledgement: AcknowledgementFlag

  public init() {}

  public var promise: NodePromise { acknowledgement.promise(Self.workload) }

  public func makeHandler() -> any Handler {
    Broadcast(
      .init(
        window: gossip.duration(or: direct ? 2000 : 400),
        topology: topology == .given ? .given : .relay, acknowledgement: acknowledgement.ack,
        isDirect: direct))
  }
}
