import Node
import NodeCatalog
import Testing
import Workbench

/// Safety under faults, and liveness once they have healed: every final read of a run demands
/// that what was acknowledged is there.
@Suite struct SwarmTests {
  /// A workload joins by a line in `NodeCatalog.all`.
  @Test(arguments: NodeCatalog.all.map { $0.workload })
  func noSeedOfASwarmViolatesTheWorkload(workload: String) throws {
    let makeWorkload = try #require(try NodeCatalog.factory(workload, arguments: []))
    for seed in 1...150 as ClosedRange<UInt64> {
      let plan = SimulationPlan.swarm(workload: workload, faults: Fault.survived(by: workload), seed: seed)
      let outcome = try #require(plan.run { _ in makeWorkload() })
      #expect(outcome.symptom == nil, "seed \(seed): \(outcome.results.verdict)")
    }
  }

  /// A node whose clock is slow put its news off at every round, which came before the time to send them.
  @Test(arguments: [("g-counter", 307_902), ("pn-counter", 300_567)] as [(String, UInt64)])
  func newsOfANodeWithASlowClockAreSent(workload: String, seed: UInt64) throws {
    let makeWorkload = try #require(try NodeCatalog.factory(workload, arguments: []))
    let plan = SimulationPlan.swarm(workload: workload, faults: Fault.survived(by: workload), seed: seed)
    #expect(plan.conditions.clockDrift > 5000)
    #expect(try #require(plan.run { _ in makeWorkload() }).symptom == nil)
  }

  /// On any machine and in any build: what this digest is of must not change by accident.
  @Test func storedSeedGivesTheStoredHistory() throws {
    let options = TestOptions(
      workload: "broadcast", nodes: TestOptions.nodeNames(5), timeLimit: .seconds(5), rate: 20,
      latency: Latency(mean: 50, distribution: .exponential), faults: [.partition, .loss],
      nemesisInterval: .seconds(1), seed: 42)
    let makeWorkload = try #require(try NodeCatalog.factory("broadcast", arguments: []))
    let outcome = try #require(SimulationPlan(options).run { _ in makeWorkload() })
    #expect(outcome.digest == 2_020_501_497_074_291_362)
  }

  @Test func sameSeedGivesTheSameHistoryToTheByte() throws {
    for workload in NodeCatalog.all.map({ $0.workload }) {
      let makeWorkload = try #require(try NodeCatalog.factory(workload, arguments: []))
      let plan = SimulationPlan.swarm(workload: workload, faults: Fault.survived(by: workload), seed: 4711)
      let digests = (0..<3).compactMap { _ in plan.run { _ in makeWorkload() }?.digest }
      #expect(digests.count == 3)
      #expect(Set(digests).count == 1)
    }
  }
}
