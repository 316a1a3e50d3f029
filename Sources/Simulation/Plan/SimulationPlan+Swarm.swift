public import EddyCheckers
public import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddyTiming

extension SimulationPlan {
  /// Draws a plan from a seed: nodes, clients, rates, latencies, faults, clocks.
  ///
  /// Some plans have sparse traffic, in which an error stays visible for seconds because no next message
  /// repairs it. Every run ends with the demand that all nodes answer (see `TestOptions.livenessBound`).
  ///
  /// Swarm testing (Groce et al., "Swarm testing", 2012): many runs that each omit most features find more
  /// than many runs with all of them.
  ///
  /// - Parameters:
  ///   - workload: The name of the workload.
  ///   - faults: The faults that the nodes promise to survive.
  ///   - models: The consistency models that the nodes promise for transactions.
  ///   - isDurable: Whether the nodes promise to survive kills by their disks. Then they have disks whenever they
  ///     are killed, and half of the time otherwise.
  ///   - seed: The seed of the plan.
  public static func swarm(
    workload: String, faults: [Fault], models: [ConsistencyModel] = [.strictSerializable],
    isDurable: Bool = false, seed: UInt64
  ) -> SimulationPlan {
    var random = SeededGenerator(seed: seed)
    let nodes = random.pick([1, 2, 3, 3, 5, 5, 7, 9])!
    let rate = random.pick([0.2, 0.5, 2, 10, 50, 100])!
    var options = TestOptions(
      workload: workload, nodes: TestOptions.nodeNames(nodes),
      concurrency: nodes * random.pick([1, 1, 2, 3])!,
      timeLimit: .seconds(random.pick(rate < 1 ? [20, 30] : [2, 5, 10])!), rate: rate,
      latency: Latency(
        mean: random.pick([0, 1, 10, 50, 100, 200])!,
        distribution: random.pick(Latency.Distribution.allCases)!),
      topology: random.pick(Topology.allCases)!, faults: faults.filter { _ in random.chance(0.4) },
      partitions: Partition.Kind.allCases.filter { _ in random.chance(0.5) },
      nemesisInterval: .milliseconds(random.pick([100, 500, 1000, 2000, 4000])!), seed: seed)
    options.livenessBound = livenessBound
    options.kafkaStart = random.pick(KafkaStart.allCases)!
    options.deliveryOrder = random.pick(DeliveryOrder.allCases)!
    if options.partitions.isEmpty { options.partitions = [.majority] }
    options.consistencyModels = models
    var conditions = Conditions()
    if random.chance(0.3) { conditions.clockSkew = 1 + random.below(10_000) }
    if random.chance(0.3) { conditions.clockDrift = 1 + random.below(10_000) }
    if random.chance(0.3) { conditions.slowNodes = 1 + random.below(nodes) }
    if random.chance(0.3) { conditions.linkSpread = 1 + random.below(90) }
    conditions.processingDelay = 1 + random.below(200)
    // Drawn last, so that plans without disks are what they were.
    if isDurable { conditions.disks = disks(isKilled: options.faults.contains(.kill), &random) }
    return SimulationPlan(options, conditions: conditions)
  }

  private static func disks(isKilled: Bool, _ random: inout SeededGenerator) -> DiskConditions? {
    guard random.chance(0.5) || isKilled else { return nil }
    // Not a full disk: whether a node answers within the bound then depends on how often it tries again.
    return DiskConditions(
      latency: .microseconds(random.pick([0, 100, 1_000, 10_000, 50_000])!),
      faults: [.lose, .tear, .slow].filter { _ in random.chance(0.5) })
  }

  /// Twice the timeout of a request, so that a second attempt is possible.
  private static let livenessBound = Duration.seconds(10)
}
