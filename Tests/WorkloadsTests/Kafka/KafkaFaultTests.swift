import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddySimulationTesting
import EddyTiming
import EddyWorkloads
import Testing

/// Kafka when something goes wrong.
@Suite struct KafkaFaultTests {
  private func cluster(_ nodes: Int, seed: UInt64 = 7, latency: Latency = Latency(mean: 20)) -> Simulation {
    Simulation(nodes: nodes, seed: seed, latency: latency) { Kafka() }
  }

  @discardableResult
  private func send(_ cluster: Simulation, _ node: String, _ message: JSONValue) throws -> JSONValue? {
    try cluster.request(node, "send", ["key": "a", "msg": message])["offset"]
  }

  private func log(_ cluster: Simulation, _ node: String) throws -> JSONValue? {
    try cluster.request(node, "poll", ["offsets": ["a": 0]])["msgs"]?["a"]
  }

  @Test func aNodeCutOffFromTheOwnerTakesOverWithinASecond() throws {
    let cluster = cluster(3)
    try send(cluster, "n1", "before")
    cluster.partition([[0]])
    let start = cluster.now
    #expect(try send(cluster, "n1", "cut off") == 1)
    #expect(cluster.now - start < .milliseconds(1_000))
    #expect(try send(cluster, "n2", "behind the new owner") == 2)
  }

  @Test func bothSidesOfAPartitionGoOnWithOneLog() throws {
    let cluster = cluster(2)
    try send(cluster, "n0", 0)
    cluster.partition([[0], [1]])
    for offset in 1..<20 {
      #expect(try send(cluster, "n\(offset % 2)", .integer(offset)) == .integer(offset))
    }
    cluster.heal()
    cluster.advance(by: .seconds(2))
    let whole = JSONValue.array((0..<20).map { [.integer($0), .integer($0)] })
    for node in cluster.nodes {
      // A poll that finds nothing new makes a node look for it.
      _ = try log(cluster, node)
      cluster.advance(by: .milliseconds(100))
      #expect(try log(cluster, node) == whole)
    }
  }

  @Test func aNodeThatHearsNobodyFollowsByTheStore() throws {
    let cluster = cluster(3)
    try send(cluster, "n0", "before")
    cluster.partition([[2]])
    try send(cluster, "n0", "missed")
    cluster.advance(by: .seconds(2))
    _ = try log(cluster, "n2")
    cluster.advance(by: .milliseconds(100))
    #expect(try log(cluster, "n2") == [[0, "before"], [1, "missed"]])
  }

  @Test func anOwnerThatWasFencedOffLosesNothing() throws {
    let cluster = cluster(2)
    try send(cluster, "n1", "before")
    cluster.partition([[0], [1]])
    // Both write to the same slot: one is fenced, and goes on behind.
    let first = cluster.post("n0", "send", ["key": "a", "msg": "old owner"])
    try send(cluster, "n1", "new owner")
    let second = cluster.post("n0", "send", ["key": "a", "msg": "old owner again"])
    cluster.advance(by: .seconds(2))
    cluster.heal()
    cluster.advance(by: .seconds(2))
    let replies = cluster.journal.messages.map(\.message).filter { $0.type == "send_ok" }
    #expect(replies.contains { $0.inReplyTo == first } && replies.contains { $0.inReplyTo == second })
    _ = try log(cluster, "n1")
    cluster.advance(by: .milliseconds(100))
    guard case .array(let records)? = try log(cluster, "n1") else {
      throw RPCError.crash("a log is an array")
    }
    #expect(records.count == 4)
    #expect(try log(cluster, "n0") == .array(records))
    #expect(Set(records.compactMap { $0[1] }) == ["before", "old owner", "new owner", "old owner again"])
  }

  @Test func aSegmentThatNeverArrivesIsReadFromTheStore() throws {
    let cluster = cluster(2)
    try send(cluster, "n1", "before")
    cluster.drop(from: 0, to: 1)
    #expect(try send(cluster, "n1", "acknowledged all the same") == 1)
    #expect(cluster.messages(ofType: "cas").count == 2, "it was stored, so nobody wrote it again")
  }

  @Test func whenTheOwnerDiesItsHeirGoesOn() throws {
    let cluster = cluster(3)
    for message in 0..<5 { try send(cluster, "n\(message % 3)", .integer(message)) }
    cluster.kill(0)
    for message in 5..<10 {
      #expect(try send(cluster, "n\(1 + message % 2)", .integer(message)) == .integer(message))
    }
    cluster.restart(0)
    #expect(try send(cluster, "n0", 10) == 10)
    #expect(try log(cluster, "n0") == .array((0...10).map { [.integer($0), .integer($0)] }))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func whatIsAcknowledgedSurvivesTheDeathOfEachNodeInTurn(seed: UInt64) throws {
    let cluster = cluster(3, seed: seed)
    var offset: Int = 0
    for victim in [0, 1, 2, 0, 1, 2] {
      // Each node has a record acknowledged that it may have told nobody of.
      for node in cluster.nodes {
        #expect(try send(cluster, node, .integer(offset)) == .integer(offset))
        offset += 1
      }
      cluster.kill(victim)
      cluster.advance(by: .seconds(1))
      cluster.restart(victim)
    }
    #expect(try log(cluster, "n2") == .array((0..<offset).map { [.integer($0), .integer($0)] }))
  }

  @Test func lostMessagesLoseNoRecords() throws {
    let cluster = cluster(3, latency: Latency(mean: 20, distribution: .exponential))
    cluster.loss = 0.3
    var ids: [Int] = []
    for message in 0..<100 {
      ids.append(cluster.post("n\(message % 3)", "send", ["key": "a", "msg": .integer(message)]))
      cluster.advance(by: .milliseconds(20))
    }
    cluster.loss = 0
    cluster.advance(by: .seconds(10))
    let replies = cluster.journal.messages.map(\.message).filter { $0.type == "send_ok" }
    #expect(ids.allSatisfy { id in replies.contains { $0.inReplyTo == id } })
    #expect(Set(replies.map { $0.body["offset"] }).count == 100)
    for node in cluster.nodes {
      _ = try log(cluster, node)
      cluster.advance(by: .milliseconds(500))
      guard case .array(let records)? = try log(cluster, node) else {
        throw RPCError.crash("a log is an array")
      }
      #expect(Set(records.compactMap { $0[1] }).count == 100 && records.count == 100)
    }
  }

  /// Nodes, rates, latencies, faults and clocks drawn from the seed.
  @Test(arguments: 1...60)
  func swarm(seed: UInt64) throws {
    let plan = SimulationPlan.swarm(workload: "kafka", faults: Fault.allCases, seed: seed)
    let outcome = try #require(plan.run { _ in Kafka() })
    #expect(outcome.symptom == nil, "\(outcome.results.consoleText)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func everyFaultTogetherForAMinute(seed: UInt64) throws {
    let options = TestOptions(
      workload: "kafka", nodes: TestOptions.nodeNames(3), concurrency: 6, timeLimit: .seconds(60), rate: 50,
      latency: Latency(mean: 20, distribution: .exponential), faults: Fault.allCases,
      nemesisInterval: .seconds(5), seed: seed)
    let outcome = try #require(SimulationPlan(options).run { _ in Kafka() })
    #expect(outcome.symptom == nil, "\(outcome.results.consoleText)")
    #expect(outcome.run.progress.ok > 500)
  }
}
