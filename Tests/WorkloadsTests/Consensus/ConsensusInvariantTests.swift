import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// Raft's invariants in clusters of the nodes that it replicates, after every event.
@Suite struct ConsensusInvariantTests {
  @Test(arguments: UInt64(1)...8) func theyHoldAfterEveryEvent(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let latency = Latency(
      mean: seed % 3 == 0 ? 100 : 10, distribution: seed % 2 == 0 ? .exponential : .constant)
    let invariants = ConsensusInvariants()
    let cluster = Simulation(
      nodes: seed % 2 == 0 ? 3 : 5, seed: seed, latency: latency,
      disks: DiskConditions(latency: .milliseconds(1), faults: [.lose, .tear])
    ) { invariants.watch(LinKV()) }
    var down: Set<Int> = []
    var violation: String?
    func advance(by duration: Duration) {
      _ = cluster.advance(
        until: {
          violation =
            violation
            ?? invariants.violation(
              running: cluster.nodes.indices.filter { !down.contains($0) }, at: cluster.now)
          return violation != nil
        }, limit: duration)
    }
    for number in 1...60 where violation == nil {
      let node = random.pick(cluster.nodes.indices.filter { !down.contains($0) })!
      cluster.post(cluster.nodes[node], "write", ["key": JSONValue(number % 3), "value": JSONValue(number)])
      cluster.post(cluster.nodes[node], "read", ["key": JSONValue(number % 2)])
      advance(by: .milliseconds(random.below(400)))
      strike(cluster, &down, &random)
    }
    cluster.heal()
    cluster.loss = 0
    for node in down.sorted() { cluster.restart(node) }
    down = []
    advance(by: .seconds(6))
    #expect(violation == nil)
    for node in cluster.nodes {
      #expect(throws: Never.self) { try cluster.request(node, "write", ["key": 9, "value": 1]) }
    }
  }

  private func strike(_ cluster: Simulation, _ down: inout Set<Int>, _ random: inout SeededGenerator) {
    let victim = random.below(cluster.nodes.count)
    switch random.below(8) {
    case 0: cluster.partition([[victim]])
    case 1: cluster.partition([[victim, (victim + 1) % cluster.nodes.count]])
    case 2, 3: cluster.heal()
    case 4: cluster.loss = random.pick([0, 0.2])!
    case 5 where down.count < cluster.nodes.count / 2:
      if down.insert(victim).inserted { cluster.kill(victim) }
    case 6:
      for node in down.sorted() { cluster.restart(node) }
      down = []
    default: break
    }
  }
}
