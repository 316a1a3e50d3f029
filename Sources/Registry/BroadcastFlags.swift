import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node broadcast`.
public struct BroadcastFlags: WorkloadFlags {
  public static let workload = "broadcast"
  public static let abstract = "Broadcasts every value to all nodes."
  public static let example = "--window 1000 --ack replicated"

  /// Along which tree values spread.
  enum Topology: String, CaseIterable, ExpressibleByArgument {
    case relay, given
  }

  private static let standard = Broadcast.Options()

  /// The default of `--window` with `--direct`, in milliseconds: there gossip only repairs what is lost.
  private static let directWindow = 2_000

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Time between two rounds of gossip, in milliseconds (default: \(standard.window.wholeMilliseconds); \
      \(directWindow) with --direct). A value reaches all nodes within one window and two network latencies, \
      four with more than 64 nodes. A round costs at most two messages per node.
      """, valueName: "ms"))
  var window: Int?

  @Flag(
    help: """
      Also send every value to all nodes at once. A value arrives after one network latency and costs one message \
      per node. Gossip repairs what is lost.
      """)
  var direct = false

  @Option(
    help: ArgumentHelp(
      """
      Tree along which values spread: relay (a star around the first node; above 64 nodes a tree of depth two) or \
      given (shortest paths within the topology that the nodes receive).
      """, valueName: "tree"))
  var topology = Topology.relay

  @OptionGroup var acknowledgement: AcknowledgementFlag

  public init() {}

  public func validate() throws { try EddyRegistry.validate("--window", window) }

  public var promise: NodePromise { acknowledgement.promise(Self.workload) }

  public func makeHandler() -> any Handler {
    Broadcast(
      .init(
        window: window.map { .milliseconds($0) }
          ?? (direct ? .milliseconds(Self.directWindow) : Self.standard.window),
        topology: topology == .given ? .given : .relay, acknowledgement: acknowledgement.ack,
        isDirect: direct))
  }
}
