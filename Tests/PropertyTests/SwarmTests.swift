import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRegistry
import EddyRun
import EddySimulation
import EddyTiming
import Testing

/// Safety under faults, and liveness once they have healed: every final read of a run demands
/// that what was acknowledged is there.
@Suite struct SwarmTests {
  /// A workload joins by a line in `HandlerRegistry.all`. `make simulate` runs ten thousand seeds of each.
  @Test(arguments: HandlerRegistry.all.map { $0.workload })
  func noSeedOfASwarmViolatesTheWorkload(workload: String) throws {
    let makeHandler = try #require(try HandlerRegistry.factory(workload, arguments: []))
    for seed in 1...25 as ClosedRange<UInt64> {
      let plan = try SimulationPlan.promised(workload, seed: seed)
      let outcome = try #require(plan.run { _ in makeHandler() })
      #expect(outcome.symptom == nil, "seed \(seed): \(outcome.results.consoleText)")
    }
  }

  /// A batch waits for a slot just before the next round of its parent. By a slow clock the round comes first,
  /// every time: it must not put the batch off for as long as rounds go on.
  @Test(arguments: ["g-counter", "pn-counter"], [0, 5_000, 20_000])
  func newsOfANodeWithASlowClockAreSent(workload: String, slowness: Int) throws {
    let makeHandler = try #require(try HandlerRegistry.factory(workload, arguments: []))
    let cluster = Simulation(nodes: 3, seed: 1, latency: Latency(mean: 1), handler: makeHandler)
    cluster.setClockDrift(-slowness, of: 2)
    var slowest = Duration.zero
    for number in 1...20 as ClosedRange<Int> {
      let start = cluster.now
      cluster.post("n2", "add", ["delta": 1_000_000])
      var known: Int = 0
      // The others go on, so that rounds do too.
      while known < number, cluster.now - start < .seconds(20) {
        for node in ["n0", "n1"] { cluster.post(node, "add", ["delta": 1]) }
        cluster.advance(by: .milliseconds(100))
        guard case .integer(let sum)? = try cluster.request("n0", "read")["value"] else { continue }
        known = sum / 1_000_000
      }
      slowest = max(slowest, cluster.now - start)
    }
    // It is gathered with others for 500 ms, and waits for a round of 2 s, or for the one after it.
    #expect(slowest < .seconds(5))
  }

  /// On any machine and in any build: what this digest is of must not change by accident.
  @Test func storedSeedGivesTheStoredHistory() throws {
    let options = TestOptions(
      workload: "broadcast", nodes: TestOptions.nodeNames(5), timeLimit: .seconds(5), rate: 20,
      latency: Latency(mean: 50, distribution: .exponential), faults: [.partition, .loss],
      nemesisInterval: .seconds(1), seed: 42)
    let makeHandler = try #require(try HandlerRegistry.factory("broadcast", arguments: []))
    let outcome = try #require(SimulationPlan(options).run { _ in makeHandler() })
    #expect(outcome.digest == 2_020_501_497_074_291_362)
  }

  @Test func sameSeedGivesTheSameHistoryToTheByte() throws {
    for workload in HandlerRegistry.all.map({ $0.workload }) {
      let makeHandler = try #require(try HandlerRegistry.factory(workload, arguments: []))
      let plan = try SimulationPlan.promised(workload, seed: 4711)
      let digests = (0..<2).compactMap { _ in plan.run { _ in makeHandler() }?.digest }
      #expect(digests.count == 2)
      #expect(Set(digests).count == 1)
    }
  }
}
