import Node
import NodeCatalog
import Testing
import Timing
import Workbench

/// Safety under faults, and liveness once they have healed: every final read of a run demands
/// that what was acknowledged is there.
@Suite struct SwarmTests {
  /// A workload joins by a line in `NodeCatalog.all`.
  @Test(arguments: NodeCatalog.all.map { $0.workload })
  func noSeedOfASwarmViolatesTheWorkload(workload: String) throws {
    let makeWorkload = try #require(try NodeCatalog.factory(workload, arguments: []))
    for seed in 1...150 as ClosedRange<UInt64> {
      let plan = try SimulationPlan.promised(workload, seed: seed)
      let outcome = try #require(plan.run { _ in makeWorkload() })
      #expect(outcome.symptom == nil, "seed \(seed): \(outcome.results.verdict)")
    }
  }

  /// A batch waits for a slot just before each round. By a slow clock the round comes first, every time, and
  /// put the batch off once more: for as long as rounds came one upon the other.
  @Test(arguments: ["g-counter", "pn-counter"], [2_000, 10_000])
  func newsOfANodeWithASlowClockAreSent(workload: String, slowness: Int) throws {
    let makeWorkload = try #require(try NodeCatalog.factory(workload, arguments: []))
    let cluster = Simulation(nodes: 3, seed: 1, latency: Latency(mean: 10), workload: makeWorkload)
    cluster.setClockDrift(-slowness, of: 2)
    var sum = 0
    func add(at nodes: [String], for duration: Duration) {
      let end = cluster.now + duration
      while cluster.now < end {
        for node in nodes {
          cluster.post(node, "add", ["delta": 1])
          sum += 1
        }
        cluster.advance(by: .milliseconds(100))
      }
    }
    add(at: ["n0", "n1", "n2"], for: .seconds(60))
    let expected = sum
    // The others go on, so that rounds do not cease.
    add(at: ["n0", "n1"], for: .seconds(10))
    for node in cluster.nodes {
      guard case .integer(let value)? = try cluster.request(node, "read")["value"] else {
        throw RPCError.malformedRequest("a counter's value is an integer")
      }
      print("SLOW", workload, slowness, node, value, expected, sum)
    }
  }

  /// On any machine and in any build: what this digest is of must not change by accident.
  @Test func storedSeedGivesTheStoredHistory() throws {
    let options = TestOptions(
      workload: "broadcast", nodes: TestOptions.nodeNames(5), timeLimit: .seconds(5), rate: 20,
      latency: Latency(mean: 50, distribution: .exponential), faults: [.partition, .loss],
      nemesisInterval: .seconds(1), seed: 42)
    let makeWorkload = try #require(try NodeCatalog.factory("broadcast", arguments: []))
    let outcome = try #require(SimulationPlan(options).run { _ in makeWorkload() })
    #expect(outcome.digest == 4_763_425_069_823_084_190)
  }

  @Test func sameSeedGivesTheSameHistoryToTheByte() throws {
    for workload in NodeCatalog.all.map({ $0.workload }) {
      let makeWorkload = try #require(try NodeCatalog.factory(workload, arguments: []))
      let plan = try SimulationPlan.promised(workload, seed: 4711)
      let digests = (0..<3).compactMap { _ in plan.run { _ in makeWorkload() }?.digest }
      #expect(digests.count == 3)
      #expect(Set(digests).count == 1)
    }
  }
}
