import EddyHistory
import EddyNode
import EddyRegistry
import EddyRun
import EddySimulation
import EddyTiming
import Testing

/// When faults are in force, over many seeds: as in Jepsen, whose figures are computed from its `stagger`.
@Suite struct NemesisTests {
  /// For how many seconds of 20 a fault is in force in a run of each seed, at a mean interval of 10 s.
  private func faultySeconds(_ fault: Fault, seeds: ClosedRange<UInt64>) throws -> [Double] {
    let makeHandler = try #require(try HandlerRegistry.factory("echo", arguments: []))
    return try seeds.map { seed in
      let options = TestOptions(
        workload: "echo", nodes: TestOptions.nodeNames(3), timeLimit: .seconds(20), rate: 0,
        faults: [fault], nemesisInterval: .seconds(10), seed: seed)
      let outcome = try #require(SimulationPlan(options).run { _ in makeHandler() })
      #expect(outcome.failure == nil)
      let acts = outcome.run.history.operations.filter { $0.process == .nemesis }.map(\.time)
      #expect(acts.first == .zero, "the first fault starts with the operations")
      var (seconds, since) = (0.0, Instant?.none)
      for time in acts + [.zero + .seconds(20)] {
        if let start = since.take() {
          seconds += (time - start).milliseconds / 1000
        } else {
          since = time
        }
      }
      return seconds
    }
  }

  /// Jepsen: 12.6 s on average, with a standard deviation of 4.8 s; less than 2 s in 1.3 % of all runs.
  @Test(arguments: Fault.allCases)
  func faultsAreInForceForAsLongAsWithJepsen(fault: Fault) throws {
    let seconds = try faultySeconds(fault, seeds: 1...600)
    let mean = seconds.reduce(0, +) / Double(seconds.count)
    // Three standard errors either way.
    #expect((12.0...13.2).contains(mean))
    #expect(seconds.count { $0 < 2 } < 18)
  }

  /// Each kind is as likely, as with Jepsen's `rand-nth`.
  @Test func allKindsOfPartitionAreAsLikely() throws {
    var kinds: [String: Int] = [:]
    let makeHandler = try #require(try HandlerRegistry.factory("echo", arguments: []))
    for seed in 1...400 as ClosedRange<UInt64> {
      let options = TestOptions(
        workload: "echo", nodes: TestOptions.nodeNames(5), timeLimit: .seconds(1), rate: 0,
        faults: [.partition], nemesisInterval: .seconds(10), seed: seed)
      let history = try #require(SimulationPlan(options).run { _ in makeHandler() }).run.history
      guard case .string(let kind)? = history.operations[0].value?.decoded()["kind"] else { continue }
      kinds[kind, default: 0] += 1
    }
    #expect(Set(kinds.keys) == Set(Partition.Kind.maelstrom.map(\.rawValue)))
    #expect(kinds.values.allSatisfy { (70...130).contains($0) })
  }
}
