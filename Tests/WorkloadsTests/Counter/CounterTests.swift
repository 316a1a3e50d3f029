import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// Both counters as their users see them.
@Suite struct CounterTests {
  private func cluster(
    _ nodes: Int, seed: UInt64 = 7, latency: Latency = Latency(mean: 10), growsOnly: Bool = false,
    flush: Duration = .milliseconds(500)
  ) -> Simulation {
    let cluster = Simulation(nodes: nodes, seed: seed, latency: latency) {
      Counter(.init(growsOnly: growsOnly, flush: flush))
    }
    // Each node looks up its shard first.
    cluster.advance(by: .seconds(1))
    return cluster
  }

  private func add(_ cluster: Simulation, _ node: String, _ delta: JSONValue) throws {
    try cluster.request(node, "add", ["delta": delta], timeout: .seconds(30))
  }

  private func read(_ cluster: Simulation, _ node: String) throws -> JSONValue? {
    try cluster.request(node, "read")["value"]
  }

  private func everybodyReads(_ sum: JSONValue, _ cluster: Simulation) throws -> Bool {
    try cluster.nodes.allSatisfy { try read(cluster, $0) == sum }
  }

  private func writes(_ cluster: Simulation) -> Int { cluster.messages(ofType: "cas").count }

  @Test func sumsOfAllNodesAreReadEverywhere() throws {
    let cluster = cluster(3)
    #expect(try everybodyReads(0, cluster))
    try add(cluster, "n1", -7)
    #expect(try read(cluster, "n1") == -7, "it is read at once where it was added")
    try add(cluster, "n0", 5)
    try add(cluster, "n2", 11)
    cluster.advance(by: .seconds(5))
    #expect(try everybodyReads(9, cluster))
  }

  @Test func addsOnBothSidesOfAPartitionAreKnownEverywhereAfterwards() throws {
    let cluster = cluster(5)
    cluster.partition([[0, 1]])
    for node in cluster.nodes { try add(cluster, node, 3) }
    cluster.advance(by: .seconds(10))
    #expect(try read(cluster, "n0") == 6)
    #expect(try read(cluster, "n4") == 9)
    cluster.heal()
    cluster.advance(by: .seconds(5))
    #expect(try everybodyReads(15, cluster))
  }

  // MARK: - Durability

  @Test func anAddIsStoredBeforeItIsAcknowledged() throws {
    let cluster = cluster(2)
    let request = cluster.post("n1", "add", ["delta": 4])
    cluster.advance(by: .seconds(2))
    let received = cluster.journal.events.filter { $0.kind == .received }.map {
      cluster.journal.messages[$0.message].message
    }
    let stored = try #require(received.lastIndex { $0.type == "cas_ok" })
    let acknowledged = try #require(received.firstIndex { $0.type == "add_ok" && $0.inReplyTo == request })
    #expect(stored < acknowledged)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func whatIsAcknowledgedSurvivesTheDeathOfEachNode(seed: UInt64) throws {
    let cluster = cluster(3, seed: seed, latency: Latency(mean: 50, distribution: .exponential))
    var sum = 0
    for round in 0..<3 {
      for victim in cluster.nodes.indices {
        for node in cluster.nodes {
          sum += round + 1
          try add(cluster, node, JSONValue(round + 1))
        }
        // The last to be acknowledged has told nobody yet.
        cluster.kill(victim)
        cluster.advance(by: .seconds(1))
        cluster.restart(victim)
      }
    }
    cluster.advance(by: .seconds(10))
    #expect(try everybodyReads(JSONValue(sum), cluster))
  }

  @Test func whatIsAcknowledgedSurvivesTheDeathOfAllAtOnce() throws {
    let cluster = cluster(3)
    for (node, delta) in zip(cluster.nodes, [5, -7, 11]) { try add(cluster, node, JSONValue(delta)) }
    for node in 0..<3 { cluster.kill(node) }
    for node in 0..<3 { cluster.restart(node) }
    cluster.advance(by: .seconds(5))
    #expect(try everybodyReads(9, cluster))
  }

  @Test(arguments: 1...20)
  func lostMessagesNeitherLoseNorRepeatAnAdd(seed: UInt64) throws {
    let cluster = cluster(3, seed: seed, latency: Latency(mean: 20, distribution: .exponential))
    cluster.loss = 0.3
    var ids: [Int] = []
    for delta in 1...30 {
      ids.append(cluster.post("n\(delta % 3)", "add", ["delta": JSONValue(delta)]))
      cluster.advance(by: .milliseconds(100))
    }
    cluster.loss = 0
    cluster.advance(by: .seconds(20))
    let replies = cluster.journal.messages.map(\.message).filter { $0.type == "add_ok" }
    #expect(ids.allSatisfy { id in replies.count { $0.inReplyTo == id } == 1 })
    #expect(try everybodyReads(465, cluster))
  }

  // MARK: - Cost

  @Test func aLoneClientDoesNotWaitForTheFlush() throws {
    let cluster = cluster(1)
    for _ in 0..<2 {
      let start = cluster.now
      try add(cluster, "n0", 1)
      #expect(cluster.now - start == .milliseconds(20), "a request to the store and its reply")
    }
  }

  @Test func concurrentAddsAtANodeShareAWrite() throws {
    let cluster = cluster(1)
    let before = writes(cluster)
    cluster.post("n0", "add", ["delta": 1])
    for delta in 2...50 { cluster.post("n0", "add", ["delta": JSONValue(delta)]) }
    cluster.advance(by: .seconds(1))
    #expect(writes(cluster) - before == 2, "the first at once, and all that came meanwhile")
    #expect(try read(cluster, "n0") == 1275)
  }

  @Test func addsOfZeroCostNoWriteAndAreAcknowledgedAtOnce() throws {
    let cluster = cluster(2)
    let before = writes(cluster)
    let start = cluster.now
    for _ in 0..<10 { try add(cluster, "n1", 0) }
    #expect(cluster.now == start)
    cluster.advance(by: .seconds(5))
    #expect(writes(cluster) == before)
  }

  @Test func anIdleClusterIsSilent() throws {
    let cluster = cluster(3)
    for node in cluster.nodes { try add(cluster, node, 1) }
    cluster.advance(by: .seconds(10))
    let before = cluster.journal.messages.count
    cluster.advance(by: .seconds(60))
    #expect(cluster.journal.messages.count == before)
  }

  // MARK: - Bad requests

  @Test(
    arguments: [
      [:], ["delta": nil], ["delta": "1"], ["delta": 1.5], ["delta": 1e300], ["delta": [1]], ["delta": true],
      ["element": 1],
    ] as [JSONObject])
  func anAddOfNoIntegerGetsError12AndAddsNothing(fields: JSONObject) throws {
    for growsOnly in [true, false] {
      let cluster = cluster(2, growsOnly: growsOnly)
      try add(cluster, "n0", 1)
      let error = #expect(throws: RPCError.self) { try cluster.request("n0", "add", fields) }
      #expect(error?.code == 12)
      try add(cluster, "n0", 2)
      #expect(try read(cluster, "n0") == 3)
    }
  }

  @Test func anIntegerBeyond64BitsIsRefused() throws {
    let node = ScriptedNode(Counter(.init(growsOnly: false)))
    node.receive("add", ["delta": .double(9_223_372_036_854_775_808)])
    #expect(try node.take("error")?.integer("code") == 12)
  }

  @Test func anAddThatExceeds64BitsIsRefusedAndAddsNothing() throws {
    let cluster = cluster(2, growsOnly: true)
    try add(cluster, "n0", .integer(.max - 5))
    cluster.advance(by: .seconds(5))
    for node in cluster.nodes {
      let error = #expect(throws: RPCError.self) { try add(cluster, node, 6) }
      #expect(error?.code == 22)
    }
    // Of two at a time that fit only singly, the second is refused.
    cluster.post("n1", "add", ["delta": 3])
    let error = #expect(throws: RPCError.self) { try add(cluster, "n1", 3) }
    #expect(error?.code == 22)
    try add(cluster, "n1", 2)
    cluster.advance(by: .seconds(5))
    #expect(try everybodyReads(.integer(.max), cluster))
  }

  @Test func nodesThatExceed64BitsTogetherAgreeAllTheSame() throws {
    let cluster = cluster(2)
    cluster.partition([[0], [1]])
    for node in cluster.nodes { try add(cluster, node, .integer(.max)) }
    cluster.heal()
    cluster.advance(by: .seconds(5))
    #expect(try everybodyReads(-2, cluster))
    try add(cluster, "n0", 3)
    cluster.advance(by: .seconds(5))
    #expect(try everybodyReads(1, cluster))
  }

  @Test func onlyTheCounterThatShrinksTakesNegativeDeltas() throws {
    let growing = cluster(1, growsOnly: true)
    let error = #expect(throws: RPCError.self) { try add(growing, "n0", -1) }
    #expect(error?.code == 12)
    #expect(try read(growing, "n0") == 0)
    let shrinking = cluster(1)
    try add(shrinking, "n0", -1)
    #expect(try read(shrinking, "n0") == -1)
  }

  @Test func anUnknownRequestGetsError10() throws {
    let error = #expect(throws: RPCError.self) { try cluster(1).request("n0", "subtract", ["delta": 1]) }
    #expect(error?.code == 10)
  }
}
