import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming

/// Draws plans in which every option may have any value that its flag takes.
struct PlanGenerator {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func plan() -> SimulationPlan {
    var options = TestOptions(
      workload: pick(WorkloadRegistry.names), nodes: nodes(), concurrency: 1 + random.below(200),
      timeLimit: duration(), rate: number(upTo: 1e9), topology: pick(Topology.allCases),
      faults: some(of: Fault.allCases), partitions: some(of: Partition.Kind.allCases),
      nemesisInterval: .milliseconds(1) + duration(), seed: random.next())
    options.latency = Latency(mean: number(upTo: 1e6), distribution: pick(Latency.Distribution.allCases))
    options.deliveryOrder = pick(DeliveryOrder.allCases)
    options.availability = pick([nil, .total, .fraction(0), .fraction(1), .fraction(random.unit())])
    options.livenessBound = pick([nil, .seconds(10), duration()])
    options.kafkaStart = pick(KafkaStart.allCases)
    options.keyCount = pick([nil, 1, 1 + random.below(1_000_000)])
    options.maxTxnLength = 1 + random.below(20)
    options.maxWritesPerKey = 1 + random.below(1_000)
    options.finalReads = random.below(2) == 0
    options.consistencyModels = some(of: ConsistencyModel.allCases)
    options.operationLimit = pick([.max, 0, random.below(1_000)])
    options.skippedOperations = skipped()
    options.faultLimit = pick([.max, 0, random.below(100)])
    if options.partitions.isEmpty { options.partitions = Partition.Kind.maelstrom }
    if options.consistencyModels.isEmpty { options.consistencyModels = [.readAtomic] }
    return SimulationPlan(options, conditions: conditions(), nodeArguments: arguments())
  }

  private mutating func conditions() -> Conditions {
    var conditions = Conditions()
    conditions.clockSkew = pick([0, random.below(10_000)])
    conditions.clockDrift = pick([0, random.below(1_000_000)])
    conditions.slowNodes = pick([0, random.below(10)])
    conditions.processingDelay = pick([50, random.below(1_000)])
    conditions.linkSpread = pick([0, random.below(101)])
    conditions.disks = pick([
      nil, DiskConditions(),
      DiskConditions(
        latency: .nanoseconds(random.below(1_000_000_000_000)), faults: some(of: DiskFault.allCases)),
    ])
    return conditions
  }

  private mutating func nodes() -> [String] {
    let odd = ["a", "N0", "0", "n1.example-host_2", "x--y", "c", "cc1", "n2", "n1", "n0", "9-9"]
    switch random.below(3) {
    case 0: return TestOptions.nodeNames(1 + random.below(30))
    case 1: return (1...5).map { "n\($0)" }
    default: return Array(random.shuffle(odd).prefix(1 + random.below(odd.count)))
    }
  }

  /// Everything that a shell, a parser of flags or a list could mistake for something else.
  private mutating func arguments() -> [String] {
    let odd = [
      "", " ", "a b", "--window", "-x", "--", "-", "1550", "it's", "''", "\"", "\\", "$HOME", "`ls`", "a\nb",
      "*",
      "é ü", "--seed=3", "-w", "~", "#", "a,b", "%s", "!", "&&", ";", "🌊", "-- x", "\t",
    ]
    return (0..<pick([0, 0, 1, 2, 6])).map { _ in pick(odd) }
  }

  private mutating func skipped() -> Set<Int> {
    var numbers: Set<Int> = []
    for _ in 0..<pick([0, 0, 1, 5]) {
      let first = random.below(200)
      numbers.formUnion(first...first + random.below(20))
    }
    return numbers
  }

  private mutating func duration() -> Duration {
    .nanoseconds(
      pick([
        1, 60_000_000_000, 500_000_000, Int(1 + random.below(999_999_000_000_000)),
        Int(1 + random.below(100)),
      ]))
  }

  private mutating func number(upTo limit: Double) -> Double {
    pick([
      0, 5, 0.1, 1 / 3, limit, .leastNonzeroMagnitude, random.unit() * 100, random.unit() * limit,
    ])
  }

  private mutating func some<Value>(of values: [Value]) -> [Value] {
    Array(random.shuffle(values).prefix(random.below(values.count + 1)))
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value { random.pick(values)! }
}
