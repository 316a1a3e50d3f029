import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

@Suite struct UniqueIDsTests {
  private func generate(_ cluster: Simulation, _ node: String) throws -> Int {
    guard case .integer(let id)? = try cluster.request(node, "generate")["id"] else {
      throw RPCError.malformedRequest("id is no integer")
    }
    return id
  }

  @Test func idsAre63BitIntegersThatDifferAcrossNodesAndRestarts() throws {
    let cluster = Simulation(nodes: 3, seed: 5) { UniqueIDs() }
    var ids: [Int] = []
    for round in 0..<4 {
      for node in cluster.nodes { for _ in 0..<50 { ids.append(try generate(cluster, node)) } }
      cluster.restart(round % 3)
    }
    #expect(ids.count == 600)
    #expect(Set(ids).count == 600)
    #expect(ids.allSatisfy { $0 >= 0 })
  }

  @Test func noMessageGoesBetweenNodes() throws {
    let cluster = Simulation(nodes: 3, seed: 5) { UniqueIDs() }
    cluster.partition([[0], [1], [2]])
    for node in cluster.nodes { _ = try generate(cluster, node) }
    #expect(
      cluster.journal.messages.allSatisfy {
        $0.message.source.hasPrefix("c") || $0.message.destination.hasPrefix("c")
      })
  }

  @Test func aNodeThatUsedUpItsCountDrawsAFreshPrefix() throws {
    let node = Node(UniqueIDs(countBits: 8), seed: 3, logLevel: .error)
    node.receive(
      #"{"src":"c","dest":"n0","body":{"type":"init","msg_id":1,"node_id":"n0","node_ids":["n0"]}}"#,
      at: .zero)
    node.drainOutput { _ in }
    func prefix() throws -> Int {
      node.receive(#"{"src":"c","dest":"n0","body":{"type":"generate","msg_id":1}}"#, at: .zero)
      var line = ""
      node.drainOutput { line = String(decoding: $0.dropLast(), as: UTF8.self) }
      return try Message(parsing: line).integer("id") >> 8
    }
    let first = try prefix()
    for _ in 1..<(1 << 8) {
      node.receive(#"{"src":"c","dest":"n0","body":{"type":"generate","msg_id":1}}"#, at: .zero)
      node.drainOutput { _ in }
    }
    #expect(try prefix() != first)
  }
}
