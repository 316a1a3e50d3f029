public import EddyCheckers
public import EddyHistory
public import EddyNetwork
import EddyTiming

/// Everything that decides a run, under the names of Maelstrom's flags.
public struct TestOptions: Sendable, Equatable {
  /// The name of the workload.
  public var workload: String
  /// The nodes' names; `--node-count 3` gives n0, n1, n2.
  public var nodes: [String]
  /// The number of client processes at a time.
  public var concurrency: Int
  /// How long operations are invoked.
  public var timeLimit: Duration
  /// Operations a second, over all clients; ``highestRate`` at most.
  public var rate: Double
  /// The latency between nodes.
  public var latency: Latency
  /// How nodes, services and clients take what is sent to them.
  public var receivers = Receivers.blocking
  /// The neighbours suggested to broadcast nodes.
  public var topology: Topology
  /// The faults to inject.
  public var faults: [Fault]
  /// The kinds of partition to draw from.
  public var partitions: [Partition.Kind]
  /// The mean time between two acts of each fault; ``shortestNemesisInterval`` at least.
  public var nemesisInterval: Duration
  /// What fraction of operations must succeed; nil for none.
  public var availability: Availability?
  /// Fixes generator, nemesis and latencies.
  public var seed: UInt64
  /// How many keys are read and written at a time, in workloads that have keys; nil for the
  /// workload's own choice.
  public var keyCount: Int?
  /// The most micro-operations of a transaction, in workloads that have transactions.
  public var maxTxnLength = 4
  /// After how many writes a key retires.
  public var maxWritesPerKey = 16
  /// Where kafka clients begin to read a key that is newly assigned to them.
  public var kafkaStart = KafkaStart.beginning
  /// Within what time after all faults have healed every node must answer every function once; nil if
  /// that is not asked for.
  public var livenessBound: Duration?
  /// The consistency models that transactions are checked for.
  public var consistencyModels: [ConsistencyModel] = [.strictSerializable]
  /// No more operations than these are generated; with the next two, what a failing run is
  /// shrunk by.
  public var operationLimit = Int.max
  /// Operations that are generated but not invoked, by their number from 0.
  public var skippedOperations: Set<Int> = []
  /// The nemesis starts no more faults than these.
  public var faultLimit = Int.max

  /// One operation a nanosecond: with more, many would fall on one instant, and there virtual time would stay.
  public static let highestRate = 1e9
  /// With less, the nemesis would leave virtual time no room to go on.
  public static let shortestNemesisInterval = Duration.milliseconds(1)
  /// How long clients wait for a reply before they take it for lost.
  public static let requestTimeout = Duration.seconds(5)
  /// How long a node may take to answer `init`.
  public static let initTimeout = Duration.seconds(10)
  /// How long the cluster rests between the last fault and the final reads.
  public static let recoveryTime = Duration.seconds(10)

  /// Options, those left out as in Maelstrom; a client for each node by default.
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

  /// n0, n1, … as `--node-count` names them.
  public static func nodeNames(_ count: Int) -> [String] { (0..<count).map { "n\($0)" } }
}
