import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// The grow-only set as its users see it.
@Suite struct GSetTests {
  private func cluster(_ nodes: Int, seed: UInt64 = 7) -> Simulation {
    Simulation(nodes: nodes, seed: seed) { GSet() }
  }

  private func add(_ cluster: Simulation, _ node: String, _ element: JSONValue) throws {
    try cluster.request(node, "add", ["element": element])
  }

  private func read(_ cluster: Simulation, _ node: String) throws -> Set<JSONValue> {
    guard case .array(let elements)? = try cluster.request(node, "read")["value"] else {
      throw RPCError.malformedRequest("value is no array")
    }
    #expect(Set(elements).count == elements.count, "an element comes twice")
    return Set(elements)
  }

  private func everybodyHas(_ elements: Set<JSONValue>, _ cluster: Simulation) throws -> Bool {
    try cluster.nodes.allSatisfy { try read(cluster, $0) == elements }
  }

  @Test func anElementIsReadAtOnceWhereItWasAddedAndSoonEverywhere() throws {
    let cluster = cluster(5)
    #expect(try everybodyHas([], cluster))
    try add(cluster, "n3", 1)
    #expect(try read(cluster, "n3") == [1])
    cluster.advance(by: .milliseconds(200))
    #expect(try everybodyHas([1], cluster))
  }

  @Test func elementsMayBeAnyJSONValues() throws {
    let cluster = cluster(3)
    let elements: [JSONValue] = [nil, "text", ["a": [1, 2]], 1.5, true, [], 1, "1"]
    for (number, element) in elements.enumerated() { try add(cluster, "n\(number % 3)", element) }
    cluster.advance(by: .seconds(2))
    #expect(try everybodyHas(Set(elements), cluster))
  }

  @Test func anElementAddedTwiceIsThereOnce() throws {
    let cluster = cluster(3)
    for node in ["n1", "n1", "n2", "n0"] { try add(cluster, node, 1) }
    cluster.advance(by: .seconds(2))
    #expect(try everybodyHas([1], cluster))
  }

  @Test func bothSidesOfAPartitionGrowAndConvergeWithinASecondOfHealing() throws {
    let cluster = cluster(5)
    try add(cluster, "n4", "before")
    cluster.advance(by: .seconds(1))
    cluster.partition([[0, 1]])
    for node in cluster.nodes { try add(cluster, node, .string(node)) }
    cluster.advance(by: .seconds(5))
    #expect(try read(cluster, "n1") == ["before", "n0", "n1"])
    #expect(try read(cluster, "n3") == ["before", "n2", "n3", "n4"])
    cluster.heal()
    cluster.advance(by: .seconds(1))
    #expect(try everybodyHas(["before", "n0", "n1", "n2", "n3", "n4"], cluster))
  }

  @Test func whatHasSpreadSurvivesTheDeathOfEachNodeInTurn() throws {
    let cluster = cluster(3)
    for node in cluster.nodes { try add(cluster, node, .string(node)) }
    cluster.advance(by: .seconds(2))
    for node in cluster.nodes.indices {
      cluster.restart(node)
      cluster.advance(by: .seconds(5))
    }
    #expect(try everybodyHas(["n0", "n1", "n2"], cluster))
  }

  @Test(
    arguments: [
      ("add", [:], 12), ("add", ["message": 1], 12), ("remove", ["element": 1], 10), ("gossip", [:], 12),
    ]
      as [(String, JSONObject, Int)])
  func aBadRequestGetsItsErrorAndChangesNothing(type: String, fields: JSONObject, code: Int) throws {
    let cluster = cluster(2)
    try add(cluster, "n0", 1)
    let error = #expect(throws: RPCError.self) { try cluster.request("n0", type, fields) }
    #expect(error?.code == code)
    #expect(try read(cluster, "n0") == [1])
  }
}
