import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// `--ack replicated`: what is acknowledged is in the memory of two nodes at least.
@Suite struct AcknowledgementTests {
  /// A workload that shares values, and how its clients talk to it.
  struct SetWorkload: Sendable, CustomTestStringConvertible {
    var add: String
    var field: String
    var values: String
    var make: @Sendable () -> any Handler
    var testDescription: String { add }
  }

  static let workloads = [
    SetWorkload(add: "broadcast", field: "message", values: "messages") {
      Broadcast(.init(acknowledgement: .replicated))
    },
    SetWorkload(add: "add", field: "element", values: "value") { GSet(acknowledgement: .replicated) },
  ]

  private func cluster(_ workload: SetWorkload, _ nodes: Int, seed: UInt64 = 7) -> Simulation {
    Simulation(nodes: nodes, seed: seed, handler: workload.make)
  }

  private func add(_ value: JSONValue, at node: String, _ cluster: Simulation, _ workload: SetWorkload) throws
  {
    try cluster.request(node, workload.add, [workload.field: value])
  }

  private func read(_ cluster: Simulation, _ node: String, _ workload: SetWorkload) throws -> [JSONValue] {
    guard case .array(let values)? = try cluster.request(node, "read")[workload.values] else {
      throw RPCError.malformedRequest("\(workload.values) is no array")
    }
    return values
  }

  @Test(arguments: workloads)
  func aValueIsAcknowledgedWhenAnotherNodeSaysThatItHasIt(workload: SetWorkload) throws {
    for node in ["n0", "n2"] {
      let cluster = cluster(workload, 3)
      try add(1, at: node, cluster, workload)
      #expect(cluster.now == .zero + .milliseconds(200), "one round trip")
      #expect(try cluster.nodes.count { try read(cluster, $0, workload) == [1] } >= 2)
    }
  }

  /// A message that set out before the value came says nothing of it.
  @Test(arguments: workloads)
  func whatHasOnlyBeenSentIsNotAcknowledged(workload: SetWorkload) throws {
    let node = ScriptedNode(workload.make())
    let request = node.receive(workload.add, [workload.field: 1])
    let incarnation = try #require(node.take("gossip")).integer("incarnation")
    func hear(at stamp: Int, _ have: JSONValue) {
      node.receive(
        "gossip", ["incarnation": 5, "at": JSONValue(stamp), "route": [0, 1, 0], "parent": 0, "acks": have],
        from: "n1")
    }
    hear(at: 1, [])
    hear(at: 2, [[1, 5, 9], [0, JSONValue(incarnation + 1), 9]])
    #expect(node.take(workload.add + "_ok") == nil)
    hear(at: 3, [[0, JSONValue(incarnation), 1]])
    #expect(node.take(workload.add + "_ok")?.inReplyTo == request)
  }

  @Test(arguments: workloads)
  func aNodeOnItsOwnAcknowledgesAtOnce(workload: SetWorkload) throws {
    let cluster = cluster(workload, 1)
    try add(1, at: "n0", cluster, workload)
    #expect(cluster.now == .zero)
  }

  @Test(arguments: workloads)
  func whileNobodyIsHeardNothingIsAcknowledged(workload: SetWorkload) throws {
    let cluster = cluster(workload, 3)
    cluster.partition([[1]])
    let error = #expect(throws: RPCError.self) { try add(1, at: "n1", cluster, workload) }
    #expect(error?.code == 0)
    #expect(try read(cluster, "n1", workload) == [1], "it is known here all the same")
  }

  /// Whoever is killed right after an acknowledgement: the value is there.
  @Test(arguments: workloads, [UInt64(1), 2, 3, 4, 5])
  func anAcknowledgedValueSurvivesTheDeathOfAnyNode(workload: SetWorkload, seed: UInt64) throws {
    for victim in 0..<4 {
      for publisher in 0..<4 {
        let cluster = cluster(workload, 4, seed: seed)
        cluster.loss = 0.2
        try add("before", at: "n\(publisher)", cluster, workload)
        cluster.advance(by: .milliseconds(Int(seed) * 100))
        try add("acknowledged", at: "n\(publisher)", cluster, workload)
        cluster.kill(victim)
        cluster.loss = 0
        cluster.advance(by: .seconds(3))
        cluster.restart(victim)
        cluster.advance(by: .seconds(8))
        for node in cluster.nodes {
          #expect(
            Set(try read(cluster, node, workload)) == ["before", "acknowledged"], "n\(victim) was killed")
        }
      }
    }
  }

  /// A client that got no answer asks again: the same node, which waits still, and another, which has
  /// learnt the value meanwhile.
  @Test(arguments: workloads)
  func aValueGivenAgainIsThereOnceAndIsAcknowledgedEachTime(workload: SetWorkload) throws {
    let cluster = cluster(workload, 3)
    let ids = (0..<3).map { _ in cluster.post("n1", workload.add, [workload.field: 1]) }
    cluster.advance(by: .milliseconds(150))
    func acknowledged() -> [Int] {
      cluster.journal.messages.map(\.message).filter { $0.type == workload.add + "_ok" }.compactMap(
        \.inReplyTo)
    }
    #expect(acknowledged() == [])
    cluster.advance(by: .seconds(2))
    #expect(acknowledged() == ids)
    let start = cluster.now
    for node in cluster.nodes { try add(1, at: node, cluster, workload) }
    #expect(cluster.now == start, "it is known to be elsewhere")
    for node in cluster.nodes { #expect(try read(cluster, node, workload) == [1]) }
    #expect(cluster.messages(ofType: "gossip").count { $0.contains("entries") } == 2)
  }

  /// A restarted node numbers its values anew: what was acknowledged of its former life says nothing of
  /// them.
  @Test(arguments: workloads)
  func acknowledgementsOfAFormerLifeDoNotCount(workload: SetWorkload) throws {
    let cluster = cluster(workload, 2)
    for value in 0..<5 { try add(JSONValue(value), at: "n1", cluster, workload) }
    cluster.restart(1)
    cluster.partition([[0], [1]])
    cluster.advance(by: .milliseconds(10))
    #expect(throws: RPCError.self) { try add("second life", at: "n1", cluster, workload) }
  }

  @Test func manyValuesAtATimeCostOneMessageARoundMore() throws {
    func gossipMessages(_ acknowledgement: Acknowledgement) -> Int {
      let cluster = Simulation(nodes: 10, seed: 7) { Broadcast(.init(acknowledgement: acknowledgement)) }
      for value in 0..<500 {
        cluster.post(cluster.nodes[value % 10], "broadcast", ["message": JSONValue(value)])
        cluster.advance(by: .milliseconds(10))
      }
      return cluster.messages(ofType: "gossip").count
    }
    let rounds = 5_000 / 400
    #expect(gossipMessages(.replicated) <= gossipMessages(.local) + 2 * rounds)
  }
}
