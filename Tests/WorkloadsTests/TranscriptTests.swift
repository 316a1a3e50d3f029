import EddyNode
import EddySimulation
import EddySimulationTesting
import EddyTiming
import EddyWorkloads
import Foundation
import GoldenFiles
import Testing

/// The protocols' main scenes, message by message, as they were when a person last read them.
///
/// `make transcripts` writes them anew.
@Suite struct TranscriptTests {
  private func check(_ cluster: Simulation, _ name: String, from start: Instant = .zero) throws {
    let text = cluster.transcript { $0.type != "init" && $0.type != "init_ok" }
    #expect(try GoldenFile.text(of: name, now: text) == text, "\(name) differs from its golden file")
  }

  private func broadcast(_ cluster: Simulation, _ node: String, _ value: JSONValue) {
    cluster.post(node, "broadcast", ["message": value])
  }

  /// Two leaves gather values; the root's next round takes them everywhere.
  @Test func aRoundOfGossip() throws {
    let cluster = Simulation(nodes: 3, seed: 1) { Broadcast() }
    broadcast(cluster, "n1", "first")
    cluster.advance(by: .milliseconds(350))
    broadcast(cluster, "n1", "second")
    broadcast(cluster, "n2", "third")
    cluster.advance(by: .seconds(3))
    try check(cluster, "a-round-of-gossip")
  }

  /// The root is cut off; another takes over, and gives back when the network heals.
  @Test func aRootIsCutOff() throws {
    let cluster = Simulation(nodes: 4, seed: 1) { Broadcast() }
    broadcast(cluster, "n2", "before")
    cluster.advance(by: .seconds(2))
    cluster.partition([[0]])
    broadcast(cluster, "n2", "without the relay")
    cluster.advance(by: .seconds(2))
    broadcast(cluster, "n3", "below the new one")
    cluster.advance(by: .seconds(2))
    cluster.heal()
    cluster.advance(by: .seconds(4))
    try check(cluster, "a-root-is-cut-off")
  }

  /// A leaf that was cut off while others went on learns what it has missed.
  @Test func repairAfterAHeal() throws {
    let cluster = Simulation(nodes: 3, seed: 1) { Broadcast() }
    broadcast(cluster, "n1", "before")
    cluster.advance(by: .seconds(2))
    cluster.partition([[2]])
    broadcast(cluster, "n1", "missed")
    cluster.advance(by: .seconds(2))
    cluster.heal()
    cluster.advance(by: .seconds(3))
    try check(cluster, "repair-after-a-heal")
  }

  private func send(_ cluster: Simulation, _ node: String, _ key: String, _ message: JSONValue) {
    cluster.post(node, "send", ["key": .string(key), "msg": message])
  }

  /// Three clients on two nodes send; the owner writes their records at once, and tells everyone.
  @Test func aBatchOfKafka() throws {
    let cluster = Simulation(nodes: 3, seed: 1) { Kafka() }
    cluster.advance(by: .seconds(1))
    send(cluster, "n1", "k1", "first")
    send(cluster, "n2", "k1", "second")
    send(cluster, "n2", "k2", "third")
    cluster.advance(by: .seconds(2))
    try check(cluster, "a-batch-of-kafka")
  }

  /// The owner is cut off. Who needs it takes over, and fences it off its slot; when both are heard
  /// again, it follows.
  @Test func anOwnerIsCutOff() throws {
    let cluster = Simulation(nodes: 2, seed: 1) { Kafka() }
    cluster.advance(by: .seconds(1))
    cluster.partition([[0], [1]])
    send(cluster, "n1", "k1", "needs an owner")
    cluster.advance(by: .seconds(2))
    send(cluster, "n0", "k1", "comes too late for slot 0")
    cluster.advance(by: .seconds(2))
    cluster.heal()
    send(cluster, "n0", "k1", "is heard again")
    cluster.advance(by: .seconds(1))
    send(cluster, "n1", "k1", "follows")
    cluster.advance(by: .seconds(2))
    try check(cluster, "an-owner-is-cut-off")
  }

  /// Each node stores what it was given in a shard of its own: the first add at once, those that come
  /// meanwhile together. What is stored is gossiped; one add of zero is neither.
  @Test func aFlushOfCounters() throws {
    let cluster = Simulation(nodes: 2, seed: 1) { Counter(.init(growsOnly: true)) }
    cluster.advance(by: .seconds(1))
    for delta in [1, 2, 3] { cluster.post("n1", "add", ["delta": JSONValue(delta)]) }
    cluster.advance(by: .milliseconds(700))
    cluster.post("n1", "add", ["delta": 0])
    cluster.advance(by: .seconds(2))
    for node in cluster.nodes { cluster.post(node, "read") }
    try check(cluster, "a-flush-of-counters")
  }

  /// Two nodes write the same keys while neither has heard of the other: both go on at once, and of
  /// both write sets the later wins on both nodes, as a whole.
  @Test func twoTransactionsCross() throws {
    let cluster = Simulation(nodes: 2, seed: 1) { TxnRegister() }
    cluster.advance(by: .milliseconds(10))
    cluster.post("n0", "txn", ["txn": [["w", "x", "n0"], ["w", "y", "n0"]]])
    cluster.advance(by: .milliseconds(50))
    cluster.post("n1", "txn", ["txn": [["r", "x", nil], ["w", "x", "n1"], ["w", "y", "n1"]]])
    cluster.advance(by: .seconds(1))
    for node in cluster.nodes { cluster.post(node, "txn", ["txn": [["r", "x", nil], ["r", "y", nil]]]) }
    cluster.advance(by: .seconds(2))
    try check(cluster, "two-transactions-cross")
  }
}

@Suite struct DrawingTests {
  /// A cluster with something to draw, and where to.
  private func withCluster(_ body: (Simulation, String) throws -> Void) throws {
    let cluster = Simulation(nodes: 2, seed: 1) { Broadcast() }
    try cluster.request("n1", "broadcast", ["message": 1])
    cluster.advance(by: .seconds(1))
    let directory = FileManager.default.temporaryDirectory.appending(path: "eddy-drawing-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(cluster, directory)
  }

  @Test func failingTestLeavesADiagramWhosePathTheErrorNames() throws {
    try withCluster { cluster, directory in
      let failure = #expect(throws: DrawnFailure.self) {
        try cluster.drawingFailures("scene", in: directory) { throw RPCError.abort("as planned") }
      }
      #expect(failure?.diagram == "\(directory)/scene.svg")
      #expect(failure?.description.contains("\(directory)/scene.svg") == true)
      let picture = try String(contentsOfFile: "\(directory)/scene.svg", encoding: .utf8)
      #expect(picture.hasPrefix("<svg") || picture.hasPrefix("<?xml"))
      #expect(picture.contains("gossip"))
    }
  }

  @Test func aFailingExpectationIsDrawnToo() throws {
    try withCluster { cluster, directory in
      withKnownIssue { try cluster.drawingFailures("scene", in: directory) { #expect(1 == 2) } }
      #expect(FileManager.default.fileExists(atPath: "\(directory)/scene.svg"))
    }
  }

  @Test func aTestThatHoldsDrawsNothing() throws {
    try withCluster { cluster, directory in
      let value = try cluster.drawingFailures("scene", in: directory) { 7 }
      #expect(value == 7)
      #expect(!FileManager.default.fileExists(atPath: directory))
    }
  }

  @Test func requestsOfATestAreDrawnAsTheClients() throws {
    try withCluster { cluster, directory in
      let picture = try String(contentsOfFile: cluster.draw("scene", in: directory), encoding: .utf8)
      #expect(picture.contains(">c0<"))
      #expect(picture.contains("broadcast 1"))
      #expect(!picture.contains(">setup<"))
    }
  }
}
