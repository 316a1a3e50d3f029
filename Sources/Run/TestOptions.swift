public import EddyCheckers
public import EddyHistory
public import EddyNetwork
import EddyTiming

/// The options of a run, under the names of Maelstrom's flags. Together with the workload they determine it.
///
/// It has many stored properties because each is a flag. The table of all flags is `PlanOption.all`, which
/// reads and writes them.
public struct TestOptions: Sendable, Equatable {
  /// The workload's name.
  public var workload: String
  /// The nodes' names; `--node-count 3` gives n0, n1, n2.
  public var nodes: [String]
  /// The number of clients that run concurrently.
  public var concurrency: Int
  /// The time during which operations are invoked.
  public var timeLimit: Duration
  /// Operations per second, over all clients; at most ``highestRate``.
  public var rate: Double
  /// The latency of messages between nodes.
  public var latency: Latency
  /// The order in which messages are delivered to a receiver.
  public var deliveryOrder = DeliveryOrder.blocking
  /// The neighbours suggested to broadcast nodes.
  public var topology: Topology
  /// The kinds of fault to inject.
  public var faults: [Fault]
  /// The kinds of partition to draw from.
  public var partitions: [Partition.Kind]
  /// The mean time between two actions of each fault; at least ``shortestNemesisInterval``.
  public var nemesisInterval: Duration
  /// The fraction of operations that must succeed; nil if any may fail.
  public var availability: Availability?
  /// The seed of the generator, the nemesis and the latencies.
  public var seed: UInt64
  /// The number of keys in use at a time, for workloads with keys; nil for the workload's default.
  public var keyCount: Int?
  /// The largest number of micro-operations in a transaction.
  public var maxTxnLength = 4
  /// The number of writes after which a key is replaced.
  public var maxWritesPerKey = 16
  /// Whether transactions end with reads of every key.
  public var finalReads = false
  /// Where kafka clients begin to read a newly assigned key.
  public var kafkaStart = KafkaStart.beginning
  /// The time after the end of all faults within which every node must answer every function once; nil if
  /// that is not checked.
  public var livenessBound: Duration?
  /// The consistency models that transactions are checked for.
  public var consistencyModels: [ConsistencyModel] = [.strictSerializable]
  /// The largest number of operations generated. This and the next two options are for shrinking a failing
  /// run.
  public var operationLimit = Int.max
  /// Operations that are generated but not invoked, by their numbers from 0.
  public var skippedOperations: Set<Int> = []
  /// The largest number of faults that the nemesis starts.
  public var faultLimit = Int.max

  /// One operation per nanosecond. With more, operations would share an instant and virtual time would not
  /// advance.
  public static let highestRate = 1e9
  /// The shortest interval with which virtual time advances at an acceptable pace.
  public static let shortestNemesisInterval = Duration.milliseconds(1)
  /// How long a client waits for a reply, unless the workload has a time of its own.
  public static let requestTimeout = Duration.seconds(5)
  /// How long a node may take to answer `init`.
  public static let initTimeout = Duration.seconds(10)
  /// How long the cluster recovers between the last fault and the final operations.
  public static let recoveryTime = Duration.seconds(10)

  /// Creates options; the defaults are Maelstrom's, with one client per node.
  public init(
    workload: String, nodes: [String], concurrency: Int? = nil, timeLimit: Duration = .seconds(60),
    rate: Double = 5,
    latency: Latency = Latency(mean: 0), topology: Topology = .grid, faults: [Fault] = [],
    partitions: [Partition.Kind] = Partition.Kind.maelstrom, nemesisInterval: Duration = .seconds(10),
    availability: Availability? = nil, seed: UInt64 = 0
  ) {
    precondition(!nodes.isEmpty, "a cluster has at least one node")
    self.workload = workload
    self.nodes = nodes
    self.concurrency = concurrency ?? nodes.count
    self.timeLimit = timeLimit
    self.rate = rate
    self.latency = latency
    self.topology = topology
    self.faults = faults
    self.partitions = partitions
    self.nemesisInterval = nemesisInterval
    self.availability = availability
    self.seed = seed
  }

  /// The names n0, n1, …, as for `--node-count`.
  public static func nodeNames(_ count: Int) -> [String] { (0..<count).map { "n\($0)" } }
}
