import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// The replicated store as its clients see it.
@Suite struct LinKVTests {
  private func cluster(_ nodes: Int, latency: Latency = Latency(mean: 10), disks: DiskConditions? = nil)
    -> Simulation
  {
    let cluster = Simulation(nodes: nodes, seed: 7, latency: latency, disks: disks) { LinKV() }
    cluster.advance(by: .seconds(1))
    return cluster
  }

  /// The code of the error that a request gets: 0 if no reply comes, nil if it succeeds.
  private func code(_ body: () throws -> Void) -> Int? {
    do {
      try body()
      return nil
    } catch {
      return (error as? RPCError)?.code
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7]) func everyNodeWritesAndReads(count: Int) throws {
    let cluster = cluster(count)
    for (index, node) in cluster.nodes.enumerated() {
      try cluster.request(node, "write", ["key": "x", "value": JSONValue(index)])
      for reader in cluster.nodes {
        #expect(try cluster.request(reader, "read", ["key": "x"])["value"] == JSONValue(index))
      }
    }
  }

  @Test func errorsAreThoseOfMaelstrom() throws {
    let cluster = cluster(3)
    for node in cluster.nodes {
      #expect(code { try cluster.request(node, "read", ["key": 1]) } == 20)
      #expect(code { try cluster.request(node, "cas", ["key": 1, "from": 1, "to": 2]) } == 20)
    }
    try cluster.request("n1", "cas", ["key": 1, "from": 0, "to": 2, "create_if_not_exists": true])
    for node in cluster.nodes {
      #expect(code { try cluster.request(node, "cas", ["key": 1, "from": 1, "to": 3]) } == 22)
      #expect(code { try cluster.request(node, "cas", ["key": 1]) } == 12)
      #expect(code { try cluster.request(node, "frobnicate") } == 10)
    }
    try cluster.request("n2", "cas", ["key": 1, "from": 2, "to": 3])
    #expect(try cluster.request("n0", "read", ["key": 1])["value"] == 3)
  }

  @Test func keysAndValuesAreAnyJSONAndEqualByTheirMeaning() throws {
    let cluster = cluster(3)
    try cluster.request("n0", "write", ["key": ["a", 1], "value": ["b": [1, nil]]])
    try cluster.request("n1", "cas", ["key": ["a", 1], "from": ["b": [1, nil]], "to": "done"])
    #expect(try cluster.request("n2", "read", ["key": ["a", 1]])["value"] == "done")
  }

  @Test func aReadUnderALeaseSendsNothing() throws {
    let cluster = cluster(3, latency: Latency(mean: 0))
    try cluster.request("n1", "write", ["key": 1, "value": 1])
    cluster.advance(by: .milliseconds(450))
    let before = cluster.now
    for node in cluster.nodes { #expect(try cluster.request(node, "read", ["key": 1])["value"] == 1) }
    #expect(cluster.now == before, "the replies take no time")
  }

  @Test func anIdleClusterIsSilent() throws {
    let cluster = cluster(3)
    try cluster.request("n2", "write", ["key": 1, "value": 1])
    cluster.advance(by: .seconds(4))
    let before = cluster.messages(ofType: "append_entries").count + cluster.messages(ofType: "report").count
    cluster.advance(by: .seconds(60))
    let after = cluster.messages(ofType: "append_entries").count + cluster.messages(ofType: "report").count
    #expect(after == before)
    #expect(try cluster.request("n1", "read", ["key": 1])["value"] == 1)
  }

  @Test func aMinorityAnswersWithErrorElevenAndTheMajorityGoesOn() throws {
    let cluster = cluster(3)
    try cluster.request("n0", "write", ["key": 1, "value": 1])
    cluster.partition([[0]])
    cluster.advance(by: .seconds(4))
    #expect(code { try cluster.request("n0", "write", ["key": 1, "value": 2]) } == 11)
    try cluster.request("n1", "write", ["key": 1, "value": 3])
    #expect(try cluster.request("n2", "read", ["key": 1])["value"] == 3)
    cluster.heal()
    cluster.advance(by: .seconds(3))
    #expect(try cluster.request("n0", "read", ["key": 1])["value"] == 3)
  }

  @Test func whatIsAcknowledgedSurvivesTheDeathOfAllNodes() throws {
    let cluster = cluster(3, disks: DiskConditions(latency: .milliseconds(1), faults: [.lose, .tear]))
    for value in 1...20 {
      try cluster.request("n\(value % 3)", "write", ["key": 1, "value": JSONValue(value)])
    }
    for node in 0..<3 { cluster.kill(node) }
    cluster.advance(by: .milliseconds(100))
    for node in 0..<3 { cluster.restart(node) }
    cluster.advance(by: .seconds(3))
    for node in cluster.nodes { #expect(try cluster.request(node, "read", ["key": 1])["value"] == 20) }
  }

  @Test func withoutADiskARestartedNodeCountsForNoMajority() throws {
    let cluster = cluster(3)
    try cluster.request("n0", "write", ["key": 1, "value": 1])
    cluster.kill(2)
    cluster.restart(2)
    cluster.advance(by: .seconds(2))
    #expect(try cluster.request("n2", "read", ["key": 1])["value"] == 1, "it has all entries")
    cluster.kill(1)
    cluster.advance(by: .seconds(3))
    let reply = code { try cluster.request("n0", "write", ["key": 1, "value": 2]) }
    #expect(reply == 0, "one voter of three is left")
  }
}
