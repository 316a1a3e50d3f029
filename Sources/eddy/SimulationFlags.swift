import ArgumentParser
import Timing
import Workbench

/// The flags that only simulated runs have.
struct SimulationFlags: ParsableArguments {
  @Option(
    help: "Run every seed of a range, such as 1..1000, and list those that fail.", transform: Self.range)
  var seeds: ClosedRange<UInt64>?

  @Option(help: "How many processes run the seeds of a range (default: as many as there are processors).")
  var jobs: Int?

  @Flag(help: "Draw nodes, clients, rate, latencies, faults and clocks from the seed.")
  var swarm = false

  @Flag(help: "Take a failing run down to fewer nodes, operations and faults.")
  var shrink = false

  @Option(help: "By how many milliseconds the nodes' clocks are off at most.")
  var clockSkew = 0

  @Option(help: "By how many parts per million clocks run fast or slow at most.")
  var clockDrift = 0

  @Option(help: "How many nodes are slow to take what they are sent.")
  var slowNodes = 0

  @Option(help: "Within how many milliseconds a slow node takes a message.")
  var sluggishness = 50

  @Option(help: "By how many per cent the latencies of single links differ from the mean at most.")
  var linkSpread = 0

  @Option(help: "Generate no more operations than this.")
  var operations = Int.max

  @Option(
    help: "Leave out these operations, by their numbers from 0, separated by commas.", transform: Self.numbers
  )
  var without: Set<Int> = []

  @Option(help: "Start no more faults than this.")
  var faults = Int.max

  @Flag(help: "Print what every node sent, received and logged.")
  var transcript = false

  func validate() throws {
    for (name, value) in [
      ("clock-skew", clockSkew), ("clock-drift", clockDrift), ("slow-nodes", slowNodes),
      ("sluggishness", sluggishness), ("link-spread", linkSpread), ("operations", operations),
      ("faults", faults),
    ] where value < 0 { throw ValidationError("--\(name) can't be negative") }
    if jobs ?? 1 < 1 { throw ValidationError("--jobs must be positive") }
    if linkSpread > 100 { throw ValidationError("--link-spread can be 100 per cent at most") }
    if clockDrift >= 1_000_000 { throw ValidationError("--clock-drift must be less than 1000000") }
  }

  func apply(to plan: inout SimulationPlan) {
    plan.conditions.clockSkew = clockSkew
    plan.conditions.clockDrift = clockDrift
    plan.conditions.slowNodes = slowNodes
    plan.conditions.sluggishness = sluggishness
    plan.conditions.linkSpread = linkSpread
    plan.options.operationLimit = operations
    plan.options.skippedOperations = without
    plan.options.faultLimit = faults
  }

  private static func range(_ text: String) throws -> ClosedRange<UInt64> {
    let ends = text.split(separator: ".", omittingEmptySubsequences: true).map { UInt64($0) }
    guard text.contains(".."), ends.count == 2, let first = ends[0], let last = ends[1], first <= last else {
      throw ValidationError("--seeds takes a range such as 1..1000")
    }
    return first...last
  }

  private static func numbers(_ text: String) throws -> Set<Int> {
    let numbers = text.split(separator: ",").map { Int($0) }
    guard !numbers.contains(nil) else { throw ValidationError("--without takes numbers separated by commas") }
    return Set(numbers.compactMap(\.self))
  }
}

extension SimulationPlan {
  /// The command that replays it.
  var command: String {
    let options = options
    let count = options.nodes.count
    let areNumbered = options.nodes == TestOptions.nodeNames(count)
    let nodes = areNumbered ? "--node-count \(count)" : "--nodes \(options.nodes.joined(separator: ","))"
    var words = ["eddy simulate -w \(options.workload) \(nodes)"]
    words.append("--concurrency \(options.concurrency) --time-limit \(options.timeLimit.milliseconds / 1000)")
    words.append("--rate \(options.rate) --latency \(options.latency.mean)")
    if options.latency.distribution != .constant {
      words.append("--latency-dist \(options.latency.distribution)")
    }
    if options.receivers != .blocking { words.append("--receivers \(options.receivers)") }
    if options.topology != .grid { words.append("--topology \(options.topology)") }
    if !options.faults.isEmpty {
      words.append("--nemesis \(options.faults.map(\.rawValue).joined(separator: ","))")
      words.append("--nemesis-interval \(options.nemesisInterval.milliseconds / 1000)")
      words.append("--partitions \(options.partitions.map(\.rawValue).joined(separator: ","))")
    }
    let standard = TestOptions(workload: options.workload, nodes: options.nodes)
    if let bound = options.livenessBound { words.append("--liveness \(bound.milliseconds / 1000)") }
    if options.kafkaStart != .beginning { words.append("--kafka-start \(options.kafkaStart)") }
    if let count = options.keyCount { words.append("--key-count \(count)") }
    if options.maxTxnLength != standard.maxTxnLength {
      words.append("--max-txn-length \(options.maxTxnLength)")
    }
    if options.maxWritesPerKey != standard.maxWritesPerKey {
      words.append("--max-writes-per-key \(options.maxWritesPerKey)")
    }
    if options.consistencyModels != standard.consistencyModels {
      let models = options.consistencyModels.map(\.rawValue).joined(separator: ",")
      words.append("--consistency-models \(models)")
    }
    if options.faultLimit < .max { words.append("--faults \(options.faultLimit)") }
    if options.operationLimit < .max { words.append("--operations \(options.operationLimit)") }
    if !options.skippedOperations.isEmpty {
      words.append("--without \(options.skippedOperations.sorted().map(String.init).joined(separator: ","))")
    }
    if conditions.clockSkew > 0 { words.append("--clock-skew \(conditions.clockSkew)") }
    if conditions.clockDrift > 0 { words.append("--clock-drift \(conditions.clockDrift)") }
    if conditions.slowNodes > 0 {
      words.append("--slow-nodes \(conditions.slowNodes) --sluggishness \(conditions.sluggishness)")
    }
    if conditions.linkSpread > 0 { words.append("--link-spread \(conditions.linkSpread)") }
    words.append("--seed \(options.seed)")
    if !nodeArguments.isEmpty { words.append("-- \(nodeArguments.joined(separator: " "))") }
    return words.joined(separator: " ")
  }
}
