import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// The invariants of `Gossip` between any two events of simulated runs with faults.
@Suite struct GossipInvariantTests {
  /// Workloads that gossip, with a request that leaves something in each.
  private enum Workload: String, CaseIterable {
    case broadcast, direct, replicated, set, counter, transactions

    func makeHandler() -> any Handler {
      switch self {
      case .broadcast: Broadcast()
      case .direct: Broadcast(.init(window: .milliseconds(50), isDirect: true))
      case .replicated: Broadcast(.init(acknowledgement: .replicated))
      case .set: GSet()
      case .counter: Counter(.init(growsOnly: true))
      case .transactions: TxnRegister()
      }
    }

    func write(_ number: Int) -> (type: String, fields: JSONObject) {
      switch self {
      case .broadcast, .direct, .replicated: ("broadcast", ["message": JSONValue(number)])
      case .set: ("add", ["element": JSONValue(number)])
      case .counter: ("add", ["delta": JSONValue(number)])
      case .transactions: ("txn", ["txn": [["w", JSONValue(number % 3), JSONValue(number)]]])
      }
    }
  }

  /// A cluster of which every event is followed by a look at all nodes.
  private struct Watched {
    let invariants = GossipInvariants()
    let cluster: Simulation
    var found: [String] = []

    init(_ workload: Workload, nodes: Int, seed: UInt64, latency: Latency) {
      cluster = Simulation(nodes: nodes, seed: seed, latency: latency) { [invariants] in
        invariants.watch(workload.makeHandler())
      }
    }

    mutating func advance(by duration: Duration) {
      let invariants = invariants
      var found: [String] = []
      cluster.advance(
        until: {
          found = invariants.violations()
          return !found.isEmpty
        }, limit: duration)
      self.found += found
    }
  }

  @Test(arguments: Workload.allCases.map(\.rawValue), UInt64(1)...2)
  func theyHoldAfterEveryEvent(workload: String, seed: UInt64) throws {
    let workload = try #require(Workload(rawValue: workload))
    var random = SeededGenerator(seed: seed)
    let latency = Latency(mean: 50, distribution: seed % 2 == 0 ? .exponential : .constant)
    var watched = Watched(workload, nodes: 4, seed: seed, latency: latency)
    let cluster = watched.cluster
    var dead: [Int] = []
    for number in 1...16 {
      let alive = cluster.nodes.indices.filter { !dead.contains($0) }
      let (type, fields) = workload.write(number)
      cluster.post(cluster.nodes[random.pick(alive)!], type, fields)
      watched.advance(by: .milliseconds(random.below(600)))
      guard watched.found.isEmpty else { break }
      strike(cluster, &dead, &random)
    }
    cluster.heal()
    cluster.loss = 0
    for node in dead { cluster.restart(node) }
    watched.advance(by: .seconds(4))
    #expect(watched.found == [])
    #expect(stampsGrow(cluster))
  }

  private func strike(_ cluster: Simulation, _ dead: inout [Int], _ random: inout SeededGenerator) {
    let victim = random.below(cluster.nodes.count)
    switch random.below(7) {
    case 0: cluster.partition([[victim]])
    case 1: cluster.partition([[victim, (victim + 1) % cluster.nodes.count]])
    case 2, 3: cluster.heal()
    case 4: cluster.loss = random.pick([0, 0.2])!
    case 5 where dead.isEmpty:
      cluster.kill(victim)
      dead = [victim]
    default:
      for node in dead { cluster.restart(node) }
      dead = []
    }
  }

  /// Invariant 3, as the messages show it.
  private func stampsGrow(_ cluster: Simulation) -> Bool {
    var latest: [String: Int] = [:]
    return cluster.messages(ofType: "gossip").allSatisfy { message in
      guard let incarnation = try? message.integer("incarnation"), let stamp = try? message.integer("at")
      else {
        return false
      }
      let sender = "\(message.source)/\(incarnation)"
      defer { latest[sender] = stamp }
      return latest[sender].map { $0 < stamp } ?? true
    }
  }
}
