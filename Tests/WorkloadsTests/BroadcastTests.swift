import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// Broadcast as its users see it.
@Suite struct BroadcastTests {
  private func cluster(_ nodes: Int, seed: UInt64 = 7, window: Duration = .milliseconds(350)) -> Simulation {
    Simulation(nodes: nodes, seed: seed) { Broadcast(.init(window: window)) }
  }

  private func read(_ cluster: Simulation, _ node: Int) throws -> Set<JSONValue> {
    guard case .array(let values)? = try cluster.request(cluster.nodes[node], "read")["messages"] else {
      throw RPCError.malformedRequest("messages is no array")
    }
    #expect(Set(values).count == values.count, "a value comes twice")
    return Set(values)
  }

  private func everybodyKnows(_ values: Set<JSONValue>, _ cluster: Simulation) throws -> Bool {
    try cluster.nodes.indices.allSatisfy { try read(cluster, $0) == values }
  }

  @Test func valueOnALeafIsEverywhereAfterTwoHopsInAnIdleCluster() throws {
    let cluster = cluster(5)
    try cluster.request("n3", "broadcast", ["message": 42])
    cluster.advance(by: .milliseconds(200))
    #expect(try everybodyKnows([42], cluster))
  }

  @Test(arguments: ["null", #""text""#, #"{"a":[1,2]}"#, "1.5", "true", "[]", #""\u00e9\"""#])
  func anyJSONValueCanBeBroadcast(text: String) throws {
    let value = try JSONValue(parsing: text)
    let cluster = cluster(3)
    try cluster.request("n1", "broadcast", ["message": value])
    cluster.advance(by: .seconds(1))
    #expect(try everybodyKnows([value], cluster))
  }

  @Test func sameValueBroadcastTwiceIsReadOnce() throws {
    let cluster = cluster(3)
    try cluster.request("n1", "broadcast", ["message": 1])
    try cluster.request("n2", "broadcast", ["message": 1])
    try cluster.request("n1", "broadcast", ["message": 1])
    cluster.advance(by: .seconds(2))
    #expect(try everybodyKnows([1], cluster))
  }

  @Test func roundCostsAtMostTwoMessagesANodeHoweverManyValuesThereAre() throws {
    let cluster = cluster(10)
    var value = 0
    func publishEverywhere() {
      for node in cluster.nodes {
        cluster.post(node, "broadcast", ["message": .integer(value)])
        value += 1
      }
    }
    for _ in 0..<20 {
      publishEverywhere()
      cluster.advance(by: .milliseconds(50))
    }
    let before = cluster.messages(ofType: "gossip").count
    for _ in 0..<70 {  // Ten windows.
      publishEverywhere()
      cluster.advance(by: .milliseconds(50))
    }
    #expect(cluster.messages(ofType: "gossip").count - before <= 10 * 2 * 9 + 9)
  }

  @Test func clusterThatKnowsEverythingFallsSilent() throws {
    let cluster = cluster(5)
    for node in cluster.nodes { try cluster.request(node, "broadcast", ["message": .string(node)]) }
    cluster.advance(by: .seconds(10))
    let before = cluster.messages(ofType: "gossip").count
    cluster.advance(by: .seconds(60))
    #expect(cluster.messages(ofType: "gossip").count == before)
  }

  @Test func componentWithoutTheRootSpreadsValuesWithinASecond() throws {
    let cluster = cluster(7)
    for value in 0..<40 {  // Under load, so that a missing round is noticed.
      cluster.post(cluster.nodes[value % 7], "broadcast", ["message": .integer(value)])
      cluster.advance(by: .milliseconds(40))
    }
    cluster.partition([[0, 1, 2]])
    try cluster.request("n5", "broadcast", ["message": "cut off"])
    cluster.advance(by: .seconds(1))
    for node in 3...6 { #expect(try read(cluster, node).contains("cut off")) }
    #expect(try !read(cluster, 0).contains("cut off"))
  }

  @Test func everythingIsEverywhereASecondAfterHealing() throws {
    let cluster = cluster(7)
    try cluster.request("n5", "broadcast", ["message": "before"])
    cluster.advance(by: .seconds(1))
    cluster.partition([[0, 1, 2]])
    for _ in 0..<10 {
      for node in [1, 4, 5] {
        cluster.post(cluster.nodes[node], "broadcast", ["message": .integer(node)])
      }
      cluster.advance(by: .seconds(1))
    }
    cluster.heal()
    cluster.advance(by: .seconds(1))
    #expect(try everybodyKnows(["before", 1, 4, 5], cluster))
  }

  @Test func nodeThatWasRestartedLearnsEverythingAgain() throws {
    let cluster = cluster(3)
    try cluster.request("n1", "broadcast", ["message": 1])
    cluster.advance(by: .seconds(5))
    for node in [2, 0] {
      cluster.restart(node)
      cluster.advance(by: .seconds(5))
      #expect(try everybodyKnows([1], cluster))
    }
  }

  @Test func rootOfALargeClusterCarriesASmallPartOfIt() throws {
    let cluster = cluster(100)
    for value in 0..<100 {
      cluster.post("n\(value)", "broadcast", ["message": .integer(value)])
      cluster.advance(by: .milliseconds(20))
    }
    cluster.advance(by: .seconds(2))
    #expect(try everybodyKnows(Set((0..<100).map { .integer($0) }), cluster))
    let gossip = cluster.messages(ofType: "gossip")
    let ofRoot = gossip.filter { $0.source == "n0" || $0.destination == "n0" }
    #expect(ofRoot.count * 5 < gossip.count, "\(ofRoot.count) of \(gossip.count)")
  }

  /// Maelstrom ends a run in which a node speaks to one that has yet to start. A real clock does not
  /// start from zero.
  @Test func nodeThatStartsWaitsForTheOthersToStart() {
    let node = Node(Broadcast(), seed: 1)
    let start = Instant.zero + .seconds(17_000)
    node.receive(
      #"{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n0","n1"]}}"#,
      at: start)
    node.drainOutput { _ in }
    while let next = node.nextDeadline, next < start + .seconds(1) { node.fireTimers(at: next) }
    #expect(!node.hasOutput)
  }

  @Test func valuesOfARestartedNodeAreNotTakenForThoseOfItsFormerLife() throws {
    let cluster = cluster(3)
    try cluster.request("n1", "broadcast", ["message": "first life"])
    cluster.advance(by: .seconds(1))
    cluster.restart(1)
    try cluster.request("n1", "broadcast", ["message": "second life"])
    cluster.advance(by: .seconds(5))
    #expect(try everybodyKnows(["first life", "second life"], cluster))
  }

  @Test func oneWaySilenceOfTheRootIsNoticed() throws {
    let cluster = cluster(4)
    cluster.drop(from: 2, to: 0)
    for value in 0..<10 {
      cluster.post("n1", "broadcast", ["message": .integer(value)])
      cluster.post("n2", "broadcast", ["message": .integer(100 + value)])
      cluster.advance(by: .milliseconds(300))
    }
    cluster.advance(by: .seconds(2))
    #expect(try read(cluster, 0).count == 20)
  }

  @Test func lossOfHalfOfAllMessagesLosesNothing() throws {
    for seed in 0..<5 as Range<UInt64> {
      let cluster = cluster(5, seed: seed)
      cluster.loss = 0.5
      for value in 0..<20 {
        cluster.post(cluster.nodes[value % 5], "broadcast", ["message": .integer(value)])
        cluster.advance(by: .milliseconds(100))
      }
      cluster.loss = 0
      cluster.advance(by: .seconds(8))
      #expect(try everybodyKnows(Set((0..<20).map { .integer($0) }), cluster))
    }
  }

  @Test func givenTopologyIsFollowed() throws {
    let cluster = Simulation(nodes: 5, seed: 7) { Broadcast(.init(topology: .given)) }
    let line: JSONValue = [
      "n0": ["n1"], "n1": ["n0", "n2"], "n2": ["n1", "n3"], "n3": ["n2", "n4"], "n4": ["n3"],
    ]
    for node in cluster.nodes { try cluster.request(node, "topology", ["topology": line]) }
    try cluster.request("n0", "broadcast", ["message": 1])
    cluster.advance(by: .seconds(3))
    #expect(try everybodyKnows([1], cluster))
    let links = Set(cluster.messages(ofType: "gossip").map { Set([$0.source, $0.destination]) })
    #expect(links.isSubset(of: [["n0", "n1"], ["n1", "n2"], ["n2", "n3"], ["n3", "n4"]]))
  }

  @Test(
    arguments: [
      ("broadcast", [:]), ("topology", [:]), ("topology", ["topology": []]),
      ("topology", ["topology": ["n9": []]]), ("topology", ["topology": ["n0": ["n9"]]]), ("gossip", [:]),
    ] as [(String, JSONObject)])
  func malformedRequestsGetError12AndChangeNothing(type: String, fields: JSONObject) throws {
    let cluster = cluster(2)
    let error = #expect(throws: RPCError.self) { try cluster.request("n0", type, fields) }
    #expect(error?.code == 12)
    #expect(try read(cluster, 0).isEmpty)
  }
}

/// Scenes in which values were once lost, each as small as the shrinker made it.
@Suite struct BroadcastRegressionTests {
  private func know(_ value: JSONValue, _ cluster: Simulation) throws -> [String] {
    try cluster.nodes.filter {
      guard case .array(let values)? = try cluster.request($0, "read")["messages"] else { return false }
      return values.contains(value)
    }
  }

  /// What a cut-off node had pushed to everybody in vain, it took for sent when it came back.
  @Test func pushThatNobodyGotIsRepeatedToTheNextParent() throws {
    let cluster = Simulation(nodes: 5, seed: 76, latency: Latency(mean: 10)) { Broadcast() }
    cluster.partition([[1]])
    try cluster.request("n1", "broadcast", ["message": 13])
    cluster.advance(by: .milliseconds(2_600))
    try cluster.request("n4", "broadcast", ["message": 28])
    cluster.advance(by: .milliseconds(300))
    cluster.heal()
    try cluster.request("n2", "broadcast", ["message": 29])
    cluster.advance(by: .seconds(8))
    #expect(try know(13, cluster) == cluster.nodes)
  }

  /// The age of a route left out the time that messages took, so that a root that was dead grew younger
  /// with every hop round a circle of nodes that took each other for parents.
  @Test(arguments: [Latency(mean: 200), Latency(mean: 200, distribution: .uniform)])
  func aCircleOfParentsDoesNotKeepADeadRootAlive(latency: Latency) throws {
    let cluster = Simulation(nodes: 4, seed: 2, latency: latency) { Broadcast() }
    var value = 0
    func publish(for duration: Duration) {
      let end = cluster.now + duration
      while cluster.now < end {
        cluster.post(cluster.nodes[1 + value % 3], "broadcast", ["message": JSONValue(value)])
        value += 1
        cluster.advance(by: .milliseconds(50))
      }
    }
    publish(for: .seconds(3))
    cluster.kill(0)
    publish(for: .seconds(6))
    let before = cluster.messages(ofType: "gossip").count
    publish(for: .seconds(3))
    let roots = try cluster.messages(ofType: "gossip").dropFirst(before).map { message -> JSONValue in
      guard case .array(let route) = try message.value("route") else { return .null }
      return route[0]
    }
    #expect(Set(roots) == [1])
  }
}
