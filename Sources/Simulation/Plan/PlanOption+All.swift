import EddyNetwork
import EddyRun

extension PlanOption {
  /// Every option of a run, in the order of reading and writing: ``nodeCount`` overrides ``nodes``, and
  /// ``concurrency`` may depend on the number of nodes.
  public static let all: [PlanOption] = [
    workload, nodes, nodeCount, concurrency, timeLimit, rate, latency, latencyDistribution, deliveryOrder,
    topology, nemesis, nemesisInterval, partitions, availability, liveness, kafkaStart, keyCount,
    maxTxnLength, maxWritesPerKey, finalReads, consistencyModels, operations, without, faults, clockSkew,
    clockDrift, clockJump, slowNodes, processingDelay, linkSpread, disk, diskLatency, diskFaults, seed,
  ]

  private static let workloadsWithKeys = ["kafka", "lin-kv", "txn-list-append", "txn-rw-register"]
  /// The value of a switch.
  private static let presence = OptionFormat<Bool>.word("yes")
  private static let transactional = ["kafka", "txn-list-append", "txn-rw-register"]

  // MARK: Cluster and load

  public static let workload = PlanOption(
    "workload", short: "w", \.options.workload, .workload, isAlwaysTyped: true,
    help: "The workload.")

  public static let nodeCount = PlanOption(
    "node-count", OptionFormat<Int>.integer(1...100_000), standard: nil, abbreviated: "nodes",
    help: "The number of nodes, named n0, n1, …; overrides all other flags that name nodes.",
    reader: { (text, plan) throws(OptionError) in
      plan.options.nodes = TestOptions.nodeNames(try OptionFormat.integer(1...100_000).parse(text))
    },
    writer: { plan in
      let nodes = plan.options.nodes
      return nodes == TestOptions.nodeNames(nodes.count) ? String(nodes.count) : nil
    })

  public static let nodes = PlanOption(
    "nodes", \.options.nodes, .nodeNames, help: "The nodes' names, separated by commas.")

  public static let concurrency = PlanOption(
    "concurrency", OptionFormat<Int>.integer(1...1_000_000), standard: "1n",
    help: "The number of concurrent clients: a number, or a number and n for that many per node.",
    reader: { (text, plan) throws(OptionError) in
      let isPerNode = text.last == "n"
      guard let number = Int(isPerNode ? String(text.dropLast()) : text) else {
        throw OptionError("must be a whole number, or one followed by n, such as 3n")
      }
      guard number > 0 else { throw OptionError("must be positive") }
      let (count, overflow) = number.multipliedReportingOverflow(by: isPerNode ? plan.options.nodes.count : 1)
      guard !overflow, count <= 1_000_000 else { throw OptionError("must be at most 1000000") }
      plan.options.concurrency = count
    },
    writer: { String($0.options.concurrency) })

  public static let timeLimit = PlanOption(
    "time-limit", \.options.timeLimit, .seconds,
    help: "The time during which operations are invoked, in seconds.")

  public static let rate = PlanOption(
    "rate", \.options.rate, .number("number", atMost: TestOptions.highestRate),
    help: "The mean number of operations per second, over all clients.")

  public static let seed = PlanOption(
    "seed", OptionFormat<UInt64>.seed, standard: nil,
    help: "The seed of the generator, the nemesis and the latencies.",
    reader: { (text, plan) throws(OptionError) in plan.options.seed = try OptionFormat.seed.parse(text) },
    writer: { String($0.options.seed) })

  // MARK: Network

  public static let latency = PlanOption(
    "latency", \.options.latency.mean, .number("ms", atMost: 1e6),
    help: "The mean latency between nodes, in milliseconds.")

  public static let latencyDistribution = PlanOption(
    "latency-dist", \.options.latency.distribution, .choice, help: "The distribution of latencies.")

  public static let deliveryOrder = PlanOption(
    "receivers", \.options.deliveryOrder, .choice,
    help: """
      The order of delivery to a node: blocking (as in Maelstrom: a node takes the message that is due first and \
      waits for it, even if others arrive meanwhile) or independent (each message when it is due).
      """)

  public static let topology = PlanOption(
    "topology", \.options.topology, .choice, workloads: ["broadcast"],
    help: "The topology that the broadcast workload suggests to the nodes.")

  // MARK: Faults

  public static let nemesis = PlanOption(
    "nemesis", \.options.faults, .list(of: .choice), help: "Faults to inject, separated by commas.")

  public static let nemesisInterval = PlanOption(
    "nemesis-interval", \.options.nemesisInterval, .seconds(atLeast: TestOptions.shortestNemesisInterval),
    help: "The mean number of seconds between two actions of each fault.")

  public static let partitions = PlanOption(
    "partitions", \.options.partitions, .list(of: .choice),
    help: "Kinds of partition to draw from, separated by commas.")

  // MARK: Expectations and operations

  public static let availability = PlanOption(
    "availability", \.options.availability, .optional(.availability),
    help:
      "The fraction of operations that must succeed: a number from 0 to 1, or total."
  )

  public static let liveness = PlanOption(
    "liveness", \.options.livenessBound, .optional(.seconds),
    help:
      "The number of seconds after the end of all faults within which every node must answer every function once."
  )

  public static let kafkaStart = PlanOption(
    "kafka-start", \.options.kafkaStart, .choice, workloads: ["kafka"],
    help: """
      Where kafka clients begin to read a newly assigned key: at the beginning (as Maelstrom's client) or at the \
      committed offset.
      """)

  public static let keyCount = PlanOption(
    "key-count", \.options.keyCount, .optional(.integer(1...1_000_000)), workloads: workloadsWithKeys,
    help: "The number of keys in use at a time, in workloads with keys.")

  public static let maxTxnLength = PlanOption(
    "max-txn-length", \.options.maxTxnLength, .integer(1...1_000_000), workloads: transactional,
    help: "The largest number of micro-operations in a transaction.")

  public static let maxWritesPerKey = PlanOption(
    "max-writes-per-key", \.options.maxWritesPerKey, .integer(1...1_000_000_000),
    workloads: transactional,
    help: "The number of writes after which a key is replaced.")

  public static let finalReads = PlanOption(
    "final-reads", presence, standard: nil, workloads: ["txn-list-append", "txn-rw-register"],
    isAlwaysWritten: false, isSwitch: true,
    help: "End transactions with reads of every key, as Jepsen does from 0.3.13 on.",
    reader: { (text, plan) throws(OptionError) in plan.options.finalReads = try presence.parse(text) },
    writer: { presence.print($0.options.finalReads) })

  public static let consistencyModels = PlanOption(
    "consistency-models", \.options.consistencyModels, .list(of: .choice),
    workloads: ["txn-list-append", "txn-rw-register"], isAlwaysTyped: true,
    help: "The consistency models that transactions are checked for, separated by commas.")

  // MARK: Simulated runs

  public static let operations = PlanOption(
    "operations", \.options.operationLimit, .limit, onlySimulated: true,
    help: "Generate at most this many operations.")

  public static let without = PlanOption(
    "without", \.options.skippedOperations, .numbers, onlySimulated: true,
    help:
      "Do not invoke the operations with these numbers, counted from 0: numbers and ranges such as 0-17,20.")

  public static let faults = PlanOption(
    "faults", \.options.faultLimit, .limit, onlySimulated: true,
    help: "Start at most this many faults.")

  public static let clockSkew = PlanOption(
    "clock-skew", \.conditions.clockSkew, .integer(0...1_000_000_000, "ms"), onlySimulated: true,
    help: "Largest offset of a node's clock at the start, in either direction, in milliseconds.")

  public static let clockDrift = PlanOption(
    "clock-drift", \.conditions.clockDrift, .integer(0...999_999, "ppm"), onlySimulated: true,
    help: "Largest deviation of a clock's speed, in parts per million.")

  public static let clockJump = PlanOption(
    "clock-jump", \.conditions.clockJump, .integer(0...1_000_000_000, "ms"), onlySimulated: true,
    help:
      "Largest jump of a node's wall clock, forwards or backwards, once in a few seconds, in milliseconds; with --bin."
  )

  public static let slowNodes = PlanOption(
    "slow-nodes", \.conditions.slowNodes, .integer(0...100_000), onlySimulated: true,
    help: "The number of nodes that process messages slowly.")

  public static let processingDelay = PlanOption(
    "sluggishness", \.conditions.processingDelay, .integer(0...1_000_000_000, "ms"), onlySimulated: true,
    help: "Maximum processing delay of slow nodes, in milliseconds.")

  public static let linkSpread = PlanOption(
    "link-spread", \.conditions.linkSpread, .integer(0...100, "percent"), onlySimulated: true,
    help: "Largest deviation of a link's latency from the mean, in per cent.")

  // MARK: Disks

  private static let syncTime = OptionFormat<Duration>.milliseconds(atMost: 1e6)
  private static let diskFaultList = OptionFormat<[DiskFault]>.list(of: .choice)

  public static let disk = PlanOption(
    "disk", presence, standard: nil, isAlwaysWritten: false, isSwitch: true,
    help: "Give each of Eddy's own nodes a disk, which survives the node's kills.",
    reader: { (text, plan) throws(OptionError) in
      _ = try presence.parse(text)
      plan.conditions.giveDisks()
    },
    writer: { presence.print($0.conditions.disks != nil) })

  public static let diskLatency = PlanOption(
    "disk-latency", syncTime, standard: "1", isAlwaysWritten: false,
    help: "The time of a disk's sync, in milliseconds. The nodes have disks then.",
    reader: { (text, plan) throws(OptionError) in
      let latency = try syncTime.parse(text)
      plan.conditions.giveDisks()
      plan.conditions.disks?.latency = latency
    },
    writer: { $0.conditions.disks.flatMap { syncTime.print($0.latency) } })

  public static let diskFaults = PlanOption(
    "disk-faults", diskFaultList, standard: nil, isAlwaysWritten: false,
    help: """
      What disks do wrong, separated by commas: a kill loses what was not synced (lose) or tears the last write \
      (tear), a sync takes ten times as long (slow), a sync fails because the disk is full (full). The nodes have \
      disks then.
      """,
    reader: { (text, plan) throws(OptionError) in
      let faults = try diskFaultList.parse(text)
      plan.conditions.giveDisks()
      plan.conditions.disks?.faults = faults
    },
    writer: { $0.conditions.disks.flatMap { diskFaultList.print($0.faults) } })
}
