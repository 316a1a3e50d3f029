import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import Testing

/// The cluster of unit tests, of nodes that pass on what they are told.
@Suite struct SimulationTests {
  /// Answers `put` by telling all others, and `count` with how often it has been told.
  private final class Gossip: Handler {
    private var heard = 0

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      switch message.type {
      case "put":
        for peer in node.peers { node.send(to: peer, type: "heard") }
        node.reply(to: message, type: "put_ok")
      case "heard": heard += 1
      case "count": node.reply(to: message, type: "count_ok") { $0.field("count", heard) }
      default: throw .notSupported(message.type)
      }
    }
  }

  private let cluster = Simulation(nodes: 3, seed: 1, latency: Latency(mean: 100)) { Gossip() }

  private func count(_ node: String) throws -> JSONValue? { try cluster.request(node, "count")["count"] }

  @Test func messagesTakeTheirLatencyAndRequestsNone() throws {
    try cluster.request("n0", "put")
    #expect(cluster.now == .zero)
    cluster.advance(by: .milliseconds(99))
    #expect(try count("n1") == 0)
    cluster.advance(by: .milliseconds(1))
    #expect(try count("n1") == 1)
    #expect(cluster.messages(ofType: "heard").count == 2)
  }

  @Test func aPartitionDropsAndHealingDoesNotBringBack() throws {
    cluster.partition([[0], [1, 2]])
    try cluster.request("n0", "put")
    cluster.advance(by: .seconds(1))
    cluster.heal()
    cluster.advance(by: .seconds(1))
    #expect(try count("n1") == 0)
    try cluster.request("n0", "put")
    cluster.advance(by: .seconds(1))
    #expect(try count("n1") == 1)
  }

  @Test func oneDirectionCanBeCut() throws {
    cluster.drop(from: 0, to: 1)
    try cluster.request("n0", "put")
    try cluster.request("n1", "put")
    cluster.advance(by: .seconds(1))
    #expect(try count("n1") == 0)
    #expect(try count("n0") == 1)
  }

  @Test func whatReachesANodeThatIsDownIsLost() throws {
    cluster.kill(1)
    try cluster.request("n0", "put")
    cluster.advance(by: .seconds(1))
    #expect(cluster.journal.events.contains { $0.kind == .dropped(.down) })
    #expect(throws: RPCError.timeout()) { try cluster.request("n1", "count") }
    cluster.restart(1)
    #expect(try count("n1") == 0)
  }

  @Test func aRestartedNodeHasForgotten() throws {
    try cluster.request("n0", "put")
    cluster.advance(by: .seconds(1))
    cluster.restart(1)
    #expect(try count("n1") == 0)
    #expect(try count("n2") == 1)
  }

  /// Receivers are independent: what is on its way is not in the dead node's hands.
  @Test func whatIsOnItsWayReachesTheNextIncarnation() throws {
    try cluster.request("n0", "put")
    cluster.advance(by: .milliseconds(50))
    cluster.restart(1)
    cluster.advance(by: .milliseconds(50))
    #expect(try count("n1") == 1)
  }

  @Test func aPausedNodeFindsItsInputWhenItGoesOn() throws {
    cluster.pause(1)
    try cluster.request("n0", "put")
    cluster.advance(by: .seconds(1))
    #expect(throws: RPCError.timeout()) { try cluster.request("n1", "count") }
    cluster.resume(1)
    #expect(try count("n1") == 1)
  }

  @Test func advancingUntilAConditionStopsThere() {
    cluster.post("n0", "put")
    let isThere = cluster.advance(until: { cluster.journal.events.last?.time ?? .zero > .zero })
    #expect(isThere)
    #expect(cluster.now == .zero + .milliseconds(100))
    #expect(!cluster.advance(until: { false }, limit: .seconds(1)))
    #expect(cluster.now == .zero + .milliseconds(1100))
  }

  @Test func errorsAreThrown() {
    #expect(throws: RPCError.notSupported("dance")) { try cluster.request("n0", "dance") }
  }

  @Test func theSameSeedGivesTheSameTranscript() throws {
    func transcript(seed: UInt64) throws -> String {
      let cluster = Simulation(nodes: 3, seed: seed, latency: Latency(mean: 50, distribution: .exponential)) {
        Gossip()
      }
      cluster.loss = 0.3
      for _ in 0..<20 { try cluster.request("n0", "put") }
      cluster.advance(by: .seconds(1))
      return cluster.transcript()
    }
    #expect(try transcript(seed: 3) == transcript(seed: 3))
    #expect(try transcript(seed: 3) != transcript(seed: 4))
  }
}
