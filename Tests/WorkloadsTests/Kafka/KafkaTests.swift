import EddyCheckers
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddySimulationTesting
import EddyTiming
import EddyWorkloads
import Testing

/// Kafka as its users see it.
@Suite struct KafkaTests {
  private func cluster(
    _ nodes: Int, seed: UInt64 = 7, latency: Latency = Latency(mean: 100),
    window: Duration = .milliseconds(50)
  ) -> Simulation {
    Simulation(nodes: nodes, seed: seed, latency: latency) { Kafka(.init(window: window)) }
  }

  @discardableResult
  private func send(_ cluster: Simulation, _ node: String, _ key: String, _ message: JSONValue) throws
    -> JSONValue?
  {
    try cluster.request(node, "send", ["key": .string(key), "msg": message])["offset"]
  }

  private func poll(_ cluster: Simulation, _ node: String, _ offsets: JSONObject) throws -> JSONValue? {
    try cluster.request(node, "poll", ["offsets": .object(offsets)])["msgs"]
  }

  // MARK: - Logs

  @Test func offsetsOfEachKeyCountFromZeroWhoeverSends() throws {
    let cluster = cluster(3)
    for offset in 0..<6 {
      #expect(
        try send(cluster, "n\(offset % 3)", "a", .integer(offset * 10)) == .integer(offset))
    }
    #expect(try send(cluster, "n2", "b", "x") == 0)
  }

  @Test func whatIsAcknowledgedIsSoonPolledEverywhere() throws {
    let cluster = cluster(3)
    try send(cluster, "n1", "a", "first")
    try send(cluster, "n2", "a", ["second": [1, 2.5]])
    cluster.advance(by: .milliseconds(100))
    for node in cluster.nodes {
      #expect(
        try poll(cluster, node, ["a": 0, "b": 0]) == ["a": [[0, "first"], [1, ["second": [1, 2.5]]]]])
      #expect(try poll(cluster, node, ["a": 1]) == ["a": [[1, ["second": [1, 2.5]]]]])
      #expect(try poll(cluster, node, ["a": 2]) == [:])
    }
  }

  @Test func aPollReturnsEverythingThereIs() throws {
    let cluster = cluster(1)
    for message in 0..<1_000 { cluster.post("n0", "send", ["key": "a", "msg": .integer(message)]) }
    cluster.advance(by: .seconds(1))
    let all = JSONValue.array((0..<1_000).map { [.integer($0), .integer($0)] })
    #expect(try poll(cluster, "n0", ["a": 0]) == ["a": all])
  }

  @Test func aRecordIsStoredBeforeItIsAcknowledged() throws {
    let cluster = cluster(2)
    let request = cluster.post("n1", "send", ["key": "a", "msg": 1])
    cluster.advance(by: .seconds(2))
    let received = cluster.journal.events.filter { $0.kind == .received }.map {
      cluster.journal.messages[$0.message].message
    }
    let stored = try #require(received.firstIndex { $0.type == "cas_ok" })
    let acknowledged = try #require(received.firstIndex { $0.type == "send_ok" && $0.inReplyTo == request })
    #expect(stored < acknowledged)
  }

  @Test func whatIsAcknowledgedSurvivesTheDeathOfEveryNode() throws {
    let cluster = cluster(3)
    for message in 0..<10 {
      try send(cluster, "n\(message % 3)", "k\(message % 2)", .integer(message))
    }
    let committed: JSONObject = ["k0": 3]
    cluster.advance(by: .seconds(1))
    _ = try cluster.request("n1", "commit_offsets", ["offsets": .object(committed)])
    cluster.advance(by: .seconds(2))
    for node in 0..<3 { cluster.kill(node) }
    for node in 0..<3 { cluster.restart(node) }
    for node in cluster.nodes {
      #expect(try poll(cluster, node, ["k0": 3, "k1": 4]) == ["k0": [[3, 6], [4, 8]], "k1": [[4, 9]]])
      #expect(
        try cluster.request(node, "list_committed_offsets", ["keys": ["k0", "k1"]])["offsets"]
          == .object(committed))
    }
    #expect(try send(cluster, "n2", "k1", "next") == 5)
  }

  @Test func manySegmentsAreReadInFewRounds() throws {
    let cluster = cluster(1)
    for message in 0..<200 { try send(cluster, "n0", "a", .integer(message)) }
    cluster.kill(0)
    cluster.restart(0)
    let start = cluster.now
    #expect(try poll(cluster, "n0", ["a": 199]) == ["a": [[199, 199]]])
    // 1, 2 and 4 slots, three chunks, a fourth that is not there, 8 and 16 slots, each a request and a reply.
    #expect(cluster.now - start == .milliseconds(9 * 200))
  }

  // MARK: - Committed offsets

  @Test func committedOffsetsReachEveryNodeAndNeverFall() throws {
    let cluster = cluster(2)
    for message in 0..<5 { try send(cluster, "n1", "a", .integer(message)) }
    _ = try cluster.request("n1", "commit_offsets", ["offsets": ["a": 3]])
    _ = try cluster.request("n1", "commit_offsets", ["offsets": ["a": 1]])
    cluster.advance(by: .seconds(2))
    _ = try cluster.request("n0", "commit_offsets", ["offsets": ["a": 2]])
    cluster.advance(by: .seconds(2))
    for node in cluster.nodes {
      let reply = try cluster.request(node, "list_committed_offsets", ["keys": ["a", "b"]])
      #expect(reply["offsets"] == ["a": 3])
    }
  }

  // MARK: - Cost

  @Test func aLoneClientDoesNotWaitForTheWindow() throws {
    let cluster = cluster(2, window: .milliseconds(200))
    cluster.advance(by: .seconds(1))
    let start = cluster.now
    try send(cluster, "n0", "a", 1)
    #expect(cluster.now - start == .milliseconds(200), "a request to the store and its reply")
    cluster.advance(by: .seconds(1))
    let next = cluster.now
    try send(cluster, "n1", "a", 2)
    #expect(cluster.now - next == .milliseconds(400), "by way of the owner")
  }

  @Test func recordsOfManyClientsShareAWrite() throws {
    let cluster = cluster(3)
    cluster.advance(by: .seconds(1))
    for message in 0..<60 {
      cluster.post(
        "n\(message % 3)", "send", ["key": .string("k\(message % 7)"), "msg": .integer(message)])
    }
    cluster.advance(by: .seconds(2))
    #expect(cluster.messages(ofType: "cas").count <= 3)
    #expect(cluster.messages(ofType: "append").count <= 4)
  }

  @Test func anIdleClusterIsSilent() throws {
    let cluster = cluster(3)
    for node in cluster.nodes { try send(cluster, node, "a", 1) }
    _ = try cluster.request("n1", "commit_offsets", ["offsets": ["a": 1]])
    cluster.advance(by: .seconds(5))
    let before = cluster.journal.messages.count
    cluster.advance(by: .seconds(60))
    #expect(cluster.journal.messages.count == before)
  }

  /// Challenge 5c: two nodes, two clients each, a thousand operations a second.
  @Test(arguments: [UInt64(1), 2, 3])
  func challenge5cTakesLessThanHalfAMessageAnOperation(seed: UInt64) throws {
    let options = TestOptions(
      workload: "kafka", nodes: TestOptions.nodeNames(2), concurrency: 4, timeLimit: .seconds(3), rate: 1_000,
      seed: seed)
    let outcome = try #require(SimulationPlan(options).run { _ in Kafka() })
    #expect(outcome.results.validity == .valid, "\(outcome.results.consoleText)")
    #expect(outcome.run.progress.ok > 2_500)
    guard case .double(let cost)? = outcome.results.net.details["servers"]?["msgs-per-op"] else {
      throw RPCError.crash("the run's messages were counted")
    }
    #expect(cost < 0.5)
  }

  // MARK: - Bad requests

  @Test func aPollOfNothingAndACommitOfNothingAreFine() throws {
    let cluster = cluster(2)
    #expect(try poll(cluster, "n1", [:]) == [:])
    _ = try cluster.request("n1", "commit_offsets", ["offsets": [:]])
    let reply = try cluster.request("n1", "list_committed_offsets", ["keys": []])
    #expect(reply["offsets"] == [:])
  }

  @Test(
    arguments: [
      ("send", [:], 12), ("send", ["msg": 1], 12), ("send", ["key": "a"], 12),
      ("send", ["key": 1, "msg": 1], 12), ("send", ["key": nil, "msg": 1], 12),
      ("poll", [:], 12), ("poll", ["offsets": nil], 12), ("poll", ["offsets": ["a"]], 12),
      ("poll", ["offsets": ["a": "0"]], 12), ("poll", ["offsets": ["a": 0.5]], 12),
      ("poll", ["offsets": ["a": 1e30]], 12), ("poll", ["offsets": ["a": -1]], 12),
      ("poll", ["offsets": ["a": 2]], 22), ("poll", ["offsets": ["b": 1]], 22),
      ("poll", ["offsets": ["a": .integer(.max)]], 22), ("commit_offsets", ["offsets": 0], 12),
      ("commit_offsets", ["offsets": ["a": 0, "b": "0"]], 12),
      ("commit_offsets", ["offsets": ["a": -1]], 12), ("commit_offsets", ["offsets": ["a": 0, "b": 0]], 22),
      ("commit_offsets", ["offsets": ["a": 1]], 22), ("commit_offsets", [:], 12),
      ("list_committed_offsets", [:], 12), ("list_committed_offsets", ["keys": "a"], 12),
      ("list_committed_offsets", ["keys": ["a", 1]], 12),
      ("append", ["batch": [0, 1, 0]], 12), ("segment", [:], 12), ("subscribe", ["keys": ["a"]], 10),
    ] as [(String, JSONObject, Int)])
  func aBadRequestGetsItsErrorAndChangesNothing(type: String, fields: JSONObject, code: Int) throws {
    let cluster = cluster(2)
    try send(cluster, "n0", "a", 1)
    let error = #expect(throws: RPCError.self) { try cluster.request("n0", type, fields) }
    #expect(error?.code == code)
    #expect(try poll(cluster, "n0", ["a": 0, "b": 0]) == ["a": [[0, 1]]])
    #expect(try cluster.request("n0", "list_committed_offsets", ["keys": ["a", "b"]])["offsets"] == [:])
    #expect(try send(cluster, "n0", "a", 2) == 1)
  }
}
