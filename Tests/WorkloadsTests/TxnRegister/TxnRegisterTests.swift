import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// Transactions over registers as their users see them.
@Suite struct TxnRegisterTests {
  private func cluster(_ nodes: Int, seed: UInt64 = 7, latency: Latency = Latency(mean: 100)) -> Simulation {
    Simulation(nodes: nodes, seed: seed, latency: latency) { TxnRegister() }
  }

  /// Carries out a transaction, and returns it as it was completed.
  @discardableResult
  private func transact(_ cluster: Simulation, _ node: String, _ steps: JSONValue) throws -> JSONValue? {
    try cluster.request(node, "txn", ["txn": steps])["txn"]
  }

  /// The values of some keys, read together.
  private func read(_ cluster: Simulation, _ node: String, _ keys: JSONValue...) throws -> [JSONValue?] {
    let steps = JSONValue.array(keys.map { ["r", $0, nil] })
    let completed = try transact(cluster, node, steps)
    return keys.indices.map { completed?[$0]?[2] }
  }

  // MARK: - One transaction

  @Test func itIsCompletedStepByStepAndReadsItsOwnWrites() throws {
    let cluster = cluster(1)
    try transact(cluster, "n0", [["w", "x", 0]])
    #expect(
      try transact(
        cluster, "n0",
        [
          ["r", "x", nil], ["w", "x", 1], ["r", "x", nil], ["w", "x", [2]], ["r", "x", nil], ["r", "y", nil],
        ])
        == [
          ["r", "x", 0], ["w", "x", 1], ["r", "x", 1], ["w", "x", [2]], ["r", "x", [2]], ["r", "y", nil],
        ])
    #expect(try read(cluster, "n0", "x") == [[2]], "the last write of a transaction counts")
  }

  @Test func keysMayBeAnyJSONValues() throws {
    let cluster = cluster(1)
    try transact(
      cluster, "n0", [["w", 1, "number"], ["w", "1", "string"], ["w", [1], "array"], ["w", nil, 0]])
    #expect(try read(cluster, "n0", 1, "1", [1], nil) == ["number", "string", "array", 0])
  }

  @Test func anEmptyTransactionIsCompleted() throws { #expect(try transact(cluster(1), "n0", []) == []) }

  @Test func readsSendNothing() throws {
    let cluster = cluster(3)
    for node in cluster.nodes { _ = try read(cluster, node, "x", "y") }
    #expect(cluster.messages(ofType: "gossip").isEmpty)
  }

  // MARK: - Many nodes

  @Test func isAnsweredAtOnceByANodeThatHearsNobody() throws {
    let cluster = cluster(3)
    cluster.partition([[0], [1], [2]])
    let start = cluster.now
    for node in cluster.nodes { try transact(cluster, node, [["w", "x", .string(node)], ["r", "x", nil]]) }
    #expect(cluster.now == start)
  }

  /// Every state that another node shows has both writes of a transaction, or neither.
  @Test(arguments: [UInt64(1), 2, 3])
  func noHalfOfATransactionIsEverSeen(seed: UInt64) throws {
    let cluster = cluster(3, seed: seed, latency: Latency(mean: 50, distribution: .exponential))
    cluster.loss = 0.2
    var seen: Set<JSONValue> = []
    for value in 0..<100 {
      let value = JSONValue(value)
      try transact(cluster, "n\(seed % 2)", [["w", "x", value], ["w", "y", value]])
      for _ in 0..<5 {
        cluster.advance(by: .milliseconds(7))
        for node in cluster.nodes {
          let values = try read(cluster, node, "x", "y")
          #expect(values[0] == values[1])
          if node == "n2", let value = values[0] { seen.insert(value) }
        }
      }
    }
    #expect(seen.count > 5, "they were seen while they came")
  }

  @Test func ofConcurrentWritesTheSameOneWinsEverywhere() throws {
    let cluster = cluster(5)
    cluster.partition([[0], [1], [2], [3], [4]])
    for node in cluster.nodes {
      try transact(cluster, node, [["w", "x", .string(node)], ["w", "y", .string(node)]])
    }
    cluster.heal()
    cluster.advance(by: .seconds(5))
    let winner = try read(cluster, "n0", "x", "y")
    #expect(winner[0] == winner[1], "written at the same time, all by the same writer's order")
    for node in cluster.nodes { #expect(try read(cluster, node, "x", "y") == winner) }
  }

  @Test func theLaterOfTwoWritesWinsInWhateverOrderTheyArrive() throws {
    let cluster = cluster(3)
    cluster.partition([[0], [1], [2]])
    try transact(cluster, "n1", [["w", "x", "earlier"], ["w", "only earlier", 1]])
    cluster.advance(by: .seconds(1))
    try transact(cluster, "n2", [["w", "x", "later"]])
    cluster.heal()
    cluster.advance(by: .seconds(5))
    for node in cluster.nodes { #expect(try read(cluster, node, "x", "only earlier") == ["later", 1]) }
  }

  @Test func whatHasSpreadSurvivesTheDeathOfEachNodeInTurn() throws {
    let cluster = cluster(3)
    for node in cluster.nodes { try transact(cluster, node, [["w", .string(node), 1]]) }
    cluster.advance(by: .seconds(2))
    for node in cluster.nodes.indices {
      cluster.restart(node)
      cluster.advance(by: .seconds(5))
    }
    for node in cluster.nodes { #expect(try read(cluster, node, "n0", "n1", "n2") == [1, 1, 1]) }
  }

  /// Otherwise memory, and what a node that comes back is told, would grow for ever.
  @Test func aTransactionThatWasWrittenOverIsKeptByNobody() throws {
    let cluster = cluster(2)
    for number in 0..<300 {
      try transact(cluster, "n\(number % 2)", [["w", .integer(number % 3), "x"]])
    }
    cluster.advance(by: .seconds(5))
    cluster.restart(1)
    let known = cluster.messages(ofType: "gossip").count
    cluster.advance(by: .seconds(5))
    #expect(try read(cluster, "n1", 0, 1, 2) == ["x", "x", "x"])
    let told = cluster.messages(ofType: "gossip").dropFirst(known).filter { $0.source == "n0" }
    let writes = told.map { $0.description.matches(of: /"x"/).count }
    #expect(writes.contains(3))
    #expect(writes.allSatisfy { $0 <= 3 })
  }

  /// A node that comes back must not take what it wrote in its former life for older than it is.
  @Test func aRestartedNodesWritesWinOverThoseOfItsFormerLife() throws {
    let cluster = cluster(3)
    try transact(cluster, "n1", [["w", "x", "first life"]])
    cluster.advance(by: .seconds(1))
    cluster.restart(1)
    cluster.advance(by: .seconds(5))
    try transact(cluster, "n1", [["w", "x", "second life"]])
    cluster.advance(by: .seconds(5))
    for node in cluster.nodes { #expect(try read(cluster, node, "x") == ["second life"]) }
  }

  /// Challenge 6c: two nodes under partitions.
  @Test(arguments: [UInt64(1), 2, 3])
  func challenge6cIsAlwaysAvailableForAFifthOfAMessageAnOperation(seed: UInt64) throws {
    var options = TestOptions(
      workload: "txn-rw-register", nodes: TestOptions.nodeNames(2), concurrency: 4, timeLimit: .seconds(20),
      rate: 100, faults: [.partition], availability: .total, seed: seed)
    options.consistencyModels = [.readCommitted]
    let outcome = try #require(SimulationPlan(options).run { _ in TxnRegister() })
    #expect(outcome.results.validity == .valid, "\(outcome.results.consoleText)")
    guard case .double(let cost)? = outcome.results.net.details["servers"]?["msgs-per-op"] else {
      throw RPCError.crash("the run's messages were counted")
    }
    #expect(cost <= 0.2)
  }

  // MARK: - Bad requests

  @Test(
    arguments: [
      [:], ["txn": nil], ["txn": "r"], ["txn": ["r": 1]], ["txn": [1]], ["txn": ["r", "x", nil]],
      ["txn": [["w", "x", 2], []]], ["txn": [["w", "x", 2], ["r", "x"]]],
      ["txn": [["w", "x", 2], ["w", "x", 2, 3]]], ["txn": [["w", "x", 2], ["append", "x", 3]]],
      ["txn": [["w", "x", 2], [nil, "x", 3]]], ["txn": [["w", "x", 2], [["w"], "x", 3]]],
      ["txn": [["w", "x", 2], ["R", "x", nil]]], ["txn": [["w", "x", 2], nil]],
    ] as [JSONObject])
  func aMalformedTransactionGetsError12AndNoneOfItIsCarriedOut(fields: JSONObject) throws {
    let cluster = cluster(2)
    try transact(cluster, "n0", [["w", "x", 1]])
    let error = #expect(throws: RPCError.self) { try cluster.request("n0", "txn", fields) }
    #expect(error?.code == 12)
    cluster.advance(by: .seconds(2))
    for node in cluster.nodes { #expect(try read(cluster, node, "x") == [1]) }
  }

  @Test func anUnknownRequestGetsError10() throws {
    let error = #expect(throws: RPCError.self) { try cluster(1).request("n0", "read", ["key": "x"]) }
    #expect(error?.code == 10)
  }
}
