import EddyNetwork
import EddyNode
import EddyRegistry
import EddySimulation
import EddyTiming
import EddyWorkloads
import Foundation
import Testing

/// After the last fault and a bounded quiet time all nodes have the same, in every workload that gossips.
///
/// The swarm's runs are dense, and end with reads of what was acknowledged. Here traffic may be so sparse that
/// nothing but a node's own repair brings back what it lacks, and nodes are compared with each other: a node
/// that stays behind is found whether or not anybody was promised anything.
@Suite struct ConvergenceTests {
  /// How long after the last fault the nodes have.
  private static let quietTime = Duration.seconds(20)

  /// `CONVERGENCE_SEEDS` in the environment asks for more: `make convergence`.
  private static let seeds =
    1...(ProcessInfo.processInfo.environment["CONVERGENCE_SEEDS"].flatMap { Int($0) } ?? 10)

  @Test(arguments: Scene.all)
  func allNodesHaveTheSameAfterTheLastFault(scene: Scene) throws {
    // Nodes that were started again together were not told of a given tree in these.
    for seed in Array(Self.seeds) + [93, 351, 454] {
      let difference = try scene.difference(seed: UInt64(seed), quietTime: Self.quietTime)
      #expect(difference == nil, "seed \(seed)")
    }
  }
}

/// A workload that gossips, and how it is written to and read.
struct Scene: CustomTestStringConvertible, Sendable {
  var workload: String
  var flags: [String] = []
  /// A request that leaves something, numbered so that no two are the same.
  var write: @Sendable (_ number: Int) -> (type: String, fields: JSONObject)
  /// A request that shows all that a node knows, and the field of its reply that does.
  var read: (type: String, fields: JSONObject, field: String)

  var testDescription: String { ([workload] + flags).joined(separator: " ") }

  static let all: [Scene] =
    [[], ["--ack", "replicated"], ["--direct"], ["--topology", "given"]].map {
      Scene(
        workload: "broadcast", flags: $0, write: { ("broadcast", ["message": JSONValue($0)]) },
        read: ("read", [:], "messages"))
    } + [
      Scene(
        workload: "g-set", write: { ("add", ["element": JSONValue($0)]) }, read: ("read", [:], "value")),
      Scene(
        workload: "g-counter", write: { ("add", ["delta": JSONValue(1 + $0 % 5)]) },
        read: ("read", [:], "value")),
      Scene(
        workload: "pn-counter", write: { ("add", ["delta": JSONValue($0 % 9 - 4)]) },
        read: ("read", [:], "value")),
      Scene(
        workload: "txn-rw-register",
        write: { ("txn", ["txn": [["w", JSONValue($0 % keyCount), JSONValue($0)]]]) },
        read: ("txn", ["txn": .array((0..<keyCount).map { ["r", JSONValue($0), .null] })], "txn")),
    ]

  /// Few, so that most writes replace others.
  private static let keyCount = 6

  /// Runs a cluster drawn from the seed, and compares what its nodes know in the end: nil, or a sentence.
  func difference(seed: UInt64, quietTime: Duration) throws -> String? {
    guard let makeHandler = try HandlerRegistry.factory(workload, arguments: flags) else {
      return "not found"
    }
    var random = SeededGenerator(seed: seed)
    let nodes = 2 + random.below(5)
    let latency = Latency(
      mean: random.pick([0, 1, 10, 100, 200])!, distribution: random.pick(Latency.Distribution.allCases)!)
    let invariants = GossipInvariants()
    let cluster = Simulation(nodes: nodes, seed: seed, latency: latency) { invariants.watch(makeHandler()) }
    var trouble = Trouble(nodes: nodes, &random)
    if workload == "broadcast" { try sendTopology(to: cluster) }
    // From an operation every few seconds to a hundred a second.
    let interval = Duration.milliseconds(random.pick([10, 100, 1000, 3000])!)
    for number in 0..<12 {
      let (type, fields) = write(number)
      let writer = random.pick((0..<nodes).filter { !trouble.dead.contains($0) })
      if let writer { cluster.post(cluster.nodes[writer], type, fields) }
      cluster.advance(by: .nanoseconds(Int(random.unit() * 2 * Double(interval.nanoseconds))))
      trouble.strike(cluster, &random)
      if let violation = invariants.violations().first { return violation }
    }
    trouble.end(cluster)
    cluster.advance(by: quietTime)
    return try invariants.violations().first ?? compare(cluster)
  }

  private func sendTopology(to cluster: Simulation) throws {
    let neighbours = cluster.nodes.indices.map { place in
      [place - 1, place + 1].filter(cluster.nodes.indices.contains).map { cluster.nodes[$0] }
    }
    var topology = JSONObject()
    for (name, others) in zip(cluster.nodes, neighbours) {
      topology[name] = .array(others.map { .string($0) })
    }
    for name in cluster.nodes { cluster.post(name, "topology", ["topology": .object(topology)]) }
  }

  private func compare(_ cluster: Simulation) throws -> String? {
    var known: [Set<JSONValue>] = []
    for name in cluster.nodes {
      let value = try cluster.request(name, read.type, read.fields)[read.field] ?? .null
      // A set's elements come in any order.
      if case .array(let elements) = value { known.append(Set(elements)) } else { known.append([value]) }
    }
    let all = known.reduce(Set()) { $0.union($1) }
    let behind = known.indices.filter { known[$0] != all }
    guard !behind.isEmpty else { return nil }
    let sentences = behind.map { "\(cluster.nodes[$0]) lacks \(all.subtracting(known[$0]).count)" }
    return sentences.joined(separator: ", ")
  }
}

/// The faults of one run: drawn once which there are, then at every step what happens.
private struct Trouble {
  private(set) var dead: [Int] = []
  private let kills: Double
  private let partitions: Double
  private let loss: Double
  private let duplication: Double

  init(nodes: Int, _ random: inout SeededGenerator) {
    kills = random.pick([0, 0.2, 0.5])!
    partitions = random.pick([0, 0.3])!
    loss = random.pick([0, 0, 0.1, 0.3])!
    duplication = random.pick([0, 0, 0.2])!
  }

  mutating func strike(_ cluster: Simulation, _ random: inout SeededGenerator) {
    cluster.loss = loss
    cluster.duplication = duplication
    if random.chance(partitions) {
      cluster.partition([Array(random.shuffle(Array(cluster.nodes.indices)).prefix(1 + random.below(2)))])
    } else if random.chance(0.5) {
      cluster.heal()
    }
    for node in dead where random.chance(0.5) { restart(node, cluster) }
    guard random.chance(kills), let victim = random.pick(Array(cluster.nodes.indices)) else { return }
    if dead.contains(victim) { return }
    cluster.kill(victim)
    dead.append(victim)
    // Most come back while what they were sent before is still under way.
    guard random.chance(0.7) else { return }
    cluster.advance(by: .milliseconds(random.below(150)))
    restart(victim, cluster)
  }

  mutating func end(_ cluster: Simulation) {
    cluster.heal()
    cluster.loss = 0
    cluster.duplication = 0
    for node in dead { restart(node, cluster) }
  }

  private mutating func restart(_ node: Int, _ cluster: Simulation) {
    cluster.restart(node)
    dead.removeAll { $0 == node }
  }
}
