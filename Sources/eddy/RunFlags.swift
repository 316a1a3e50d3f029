public import ArgumentParser
import Timing
public import Workbench

/// The flags of a run, named as Maelstrom names them and meaning the same.
struct RunFlags: ParsableArguments {
  @Option(name: [.short, .long], help: "What to run: \(WorkloadCatalog.names.joined(separator: ", ")).")
  var workload: String

  @Option(help: "How many nodes to run, named n0, n1, …")
  var nodeCount: Int?

  @Option(help: "The nodes' names, separated by commas, where --node-count does not tell.")
  var nodes = NodeNames(values: ["n1", "n2", "n3", "n4", "n5"])

  @Option(
    help: "How many clients at a time: a number, or one with an n behind it for so many times the nodes.")
  var concurrency = Concurrency(factor: 1)

  @Option(help: "For how many seconds operations are invoked.")
  var timeLimit = 60.0

  @Option(help: "About how many operations a second, over all clients.")
  var rate = 5.0

  @Option(help: "The mean latency between nodes, in milliseconds.")
  var latency = 0.0

  @Option(help: "How latencies are distributed.")
  var latencyDist = Latency.Distribution.constant

  @Option(
    help: """
      How nodes take messages: blocking (as Maelstrom's network, where whatever comes waits behind the message \
      taken before it until that is due) or independent (each when it is due).
      """)
  var receivers = Receivers.blocking

  @Option(help: "The neighbours suggested to broadcast nodes.")
  var topology = Topology.grid

  @Option(help: "Faults to inject, separated by commas.")
  var nemesis = CommaSeparated<Fault>([])

  @Option(help: "Mean seconds between two acts of each fault.")
  var nemesisInterval = 10.0

  @Option(help: "Kinds of partition to draw from, separated by commas.")
  var partitions = CommaSeparated<Partition.Kind>(Partition.Kind.maelstrom)

  @Option(help: "The fraction of requests that must succeed: a number from 0 to 1, or total.")
  var availability: Availability?

  @Option(help: "How many keys are read and written at a time, in workloads that have keys.")
  var keyCount: Int?

  @Option(help: "The most micro-operations of a transaction.")
  var maxTxnLength = 4

  @Option(help: "After how many writes a key retires.")
  var maxWritesPerKey = 16

  @Option(
    help: """
      The consistency models that transactions are checked for, separated by commas (default: strict-serializable; \
      in a swarm, what Eddy's own nodes promise).
      """)
  var consistencyModels: CommaSeparated<ConsistencyModel>?

  @Option(help: "Fixes the generator, the nemesis and the latencies.")
  var seed: UInt64?

  @Flag(help: "Write history.edn and results.edn too, which Jepsen's tools read.")
  var edn = false

  func validate() throws {
    try check(
      WorkloadCatalog.names.contains(workload),
      "--workload must be one of \(WorkloadCatalog.names.joined(separator: ", "))")
    try check(nodeCount ?? 1 > 0, "--node-count must be positive")
    try check(timeLimit > 0 && timeLimit < 1e6, "--time-limit must be positive")
    try check(rate >= 0 && rate.isFinite, "--rate must be a number that is not negative")
    try check(latency >= 0 && latency < 1e6, "--latency must be non-negative")
    try check(keyCount ?? 1 > 0, "--key-count must be positive")
    try check(maxTxnLength > 0, "--max-txn-length must be positive")
    try check(maxWritesPerKey > 0, "--max-writes-per-key must be positive")
    try check(nemesisInterval > 0 && nemesisInterval < 1e6, "--nemesis-interval must be positive")
  }

  private func check(_ condition: Bool, _ message: String) throws {
    if !condition { throw ValidationError(message) }
  }

  func options(seed: UInt64) -> TestOptions {
    let nodes = nodeCount.map(TestOptions.nodeNames) ?? self.nodes.values
    var options = TestOptions(
      workload: workload, nodes: nodes, concurrency: concurrency.count(nodes: nodes.count),
      timeLimit: .nanoseconds(Int64(timeLimit * 1e9)), rate: rate,
      latency: Latency(mean: latency, distribution: latencyDist), topology: topology, faults: nemesis.values,
      partitions: partitions.values, nemesisInterval: .nanoseconds(Int64(nemesisInterval * 1e9)),
      availability: availability, seed: seed)
    options.receivers = receivers
    options.keyCount = keyCount
    options.maxTxnLength = maxTxnLength
    options.maxWritesPerKey = maxWritesPerKey
    if let models = consistencyModels { options.consistencyModels = models.values }
    return options
  }
}

/// A number of clients: absolute, or so many for each node.
struct Concurrency: ExpressibleByArgument, CustomStringConvertible {
  var factor: Int?
  var absolute = 0

  init(factor: Int) { self.factor = factor }

  init?(argument: String) {
    let perNode = argument.hasSuffix("n")
    guard let number = Int(perNode ? String(argument.dropLast()) : argument), (1...1_000_000).contains(number)
    else {
      return nil
    }
    if perNode { factor = number } else { absolute = number }
  }

  func count(nodes: Int) -> Int { factor.map { $0 * nodes } ?? absolute }

  var description: String { factor.map { "\($0)n" } ?? "\(absolute)" }
}

/// Names of nodes, separated by commas: at least one, fit for files, and none twice or a client's or service's.
struct NodeNames: ExpressibleByArgument {
  var values: [String]

  init(values: [String]) { self.values = values }

  init?(argument: String) {
    values = argument.split(separator: ",").map(\.trimmingSpaces)
    let services = [LinearizableKV.name, SequentialKV.name, LastWriterWinsKV.name, TimestampService.name]
    let areNames = values.allSatisfy { name in
      name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]*/) != nil && name.wholeMatch(of: /c\d+/) == nil
        && !services.contains(name)
    }
    guard !values.isEmpty, Set(values).count == values.count, areNames else { return nil }
  }

  var defaultValueDescription: String { values.joined(separator: ",") }
}

/// Values separated by commas, at least one.
struct CommaSeparated<Value: RawRepresentable & CaseIterable>: ExpressibleByArgument
where Value.RawValue == String {
  var values: [Value]

  init(_ values: [Value]) { self.values = values }

  init?(argument: String) {
    values = []
    for part in argument.split(separator: ",") {
      guard let value = Value(rawValue: part.trimmingSpaces) else { return nil }
      values.append(value)
    }
    if values.isEmpty { return nil }
  }

  static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }

  var defaultValueDescription: String { values.map(\.rawValue).joined(separator: ",") }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

extension Latency.Distribution: ExpressibleByArgument {}
extension Receivers: ExpressibleByArgument {}
extension Topology: ExpressibleByArgument {}

extension Availability: ExpressibleByArgument {
  public init?(argument: String) {
    if argument == "total" {
      self = .total
    } else if let fraction = Double(argument), (0...1).contains(fraction) {
      self = .fraction(fraction)
    } else {
      return nil
    }
  }
}
