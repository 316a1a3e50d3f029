import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import HistoryScripts
import Testing

/// Whole runs against nodes that are right, and against nodes of well-known wrong designs.
struct KafkaRunTests {
  private func run(_ design: ToyLog.Design, nodes: Int = 3, seed: UInt64 = 3) throws -> SimulationOutcome {
    let options = TestOptions(
      workload: "kafka", nodes: TestOptions.nodeNames(nodes), concurrency: 2 * nodes, timeLimit: .seconds(10),
      rate: 100, latency: Latency(mean: 20, distribution: .exponential), seed: seed)
    let outcome = try #require(SimulationPlan(options).run { _ in ToyLog(design) })
    #expect(outcome.run.phase == .finished)
    return outcome
  }

  @Test func oneNodeThatGivesOutAllOffsetsIsRight() throws {
    let outcome = try run(.leader)
    #expect(outcome.results.validity == .valid, "\(outcome.results.consoleText)")
    #expect(outcome.results.stats.details["by-f"]?["send"]?["valid?"] == true)
    let history = outcome.run.history.operations
    #expect(history.contains { $0.function == "assign" && $0.isFinal })
    #expect(history.contains { $0.function == "poll" && $0.isFinal && $0.kind == .ok })
  }

  @Test func aCounterOnEachNodeGivesOffsetsOutTwice() throws {
    let results = try run(.counterOnEachNode).results
    #expect(results.workload.validity == .invalid)
    #expect(results.workload.names.contains("inconsistent-offsets"))
  }

  @Test func offsetsFromLocalClocksAppearBehindTheReader() throws {
    // A record that travels for longer than another one is written behind what has been read. It
    // takes a reader at the wrong moment to see it, so not every run does.
    let seen = try (1...10 as ClosedRange<UInt64>).contains {
      let workload = try run(.localClock, seed: $0).results.workload
      return workload.validity == .invalid && workload.names.contains("poll-skip")
    }
    #expect(seen)
  }

  @Test func aRecordThatIsAcknowledgedAndForgottenIsLost() throws {
    let results = try run(.forgetful).results
    #expect(results.workload.validity == .invalid)
    #expect(results.workload.names.contains("lost-write"))
  }

  @Test func aPollThatStartsAtTheNewestRecordsSkips() throws {
    let results = try run(.newestOnly).results
    #expect(results.workload.validity == .invalid)
    #expect(results.workload.names.contains("poll-skip"))
  }

  @Test func aSendThatIsRetriedBlindlyIsDuplicated() throws {
    let results = try run(.retrying).results
    #expect(results.workload.validity == .invalid)
    #expect(results.workload.names.contains("duplicate"))
  }

  @Test func aPollInTheOrderOfArrivalIsOutOfOrder() throws {
    let results = try run(.unsorted).results
    #expect(results.workload.validity == .invalid)
    #expect(results.workload.names.contains("int-nonmonotonic-poll"))
  }

  @Test func aSendThatIsRefusedAndYetStoredIsAborted() throws {
    let results = try run(.refusing).results
    #expect(results.workload.validity == .invalid)
    #expect(results.workload.names.contains("G1a"))
  }

  /// Assignments count, too, of which a client needs one before it polls.
  @Test(
    arguments: [
      (.counterOnEachNode, "inconsistent-offsets"), (.localClock, "poll-skip"), (.forgetful, "lost-write"),
      (.retrying, "duplicate"), (.refusing, "G1a"),
      (.newestOnly, "lost-write"),
    ] as [(ToyLog.Design, String)])
  func aWrongDesignIsTakenDownToAFewOperations(design: ToyLog.Design, symptom: String) throws {
    func shown(_ plan: SimulationPlan) -> Symptom? { plan.run { _ in ToyLog(design) }?.symptom }

    // The lightest runs first: the lighter the failing run, the less there is to shrink.
    let plans = (1...100 as ClosedRange<UInt64>).map { seed in
      var plan = SimulationPlan.swarm(workload: "kafka", faults: [.partition], seed: seed)
      plan.conditions.clockSkew = 5_000
      return plan
    }.sorted { Self.load($0.options) < Self.load($1.options) }
    let failing = try #require(plans.first { shown($0)?.contains(symptom) == true }, "no seed found it")
    let whole = shown(failing)
    var shrinker = Shrinker { shown($0) == whole }
    let smallest = shrinker.shrink(failing)
    let outcome = try #require(smallest.run { _ in ToyLog(design) })
    #expect(outcome.symptom == whole)
    #expect(smallest.options.nodes.count <= 5)
    #expect(outcome.run.history.operations.count { $0.kind == .invoke && !$0.isFinal } <= 15)
  }

  /// Grows with what a run costs; more than five nodes count as more than any number of operations.
  private static func load(_ options: TestOptions) -> Double {
    options.rate * (options.timeLimit / .seconds(1)) + (options.nodes.count > 5 ? 1e6 : 0)
  }

  @Test func theWorkloadsOwnCrashesAreCounted() throws {
    let options = TestOptions(
      workload: "kafka", nodes: ["n0"], concurrency: 4, timeLimit: .seconds(30), rate: 50)
    let run = try #require(SimulationPlan(options).run { _ in ToyLog(.leader) }).run
    let crashes = run.history.operations.count { $0.function == "crash" && $0.kind == .info }
    #expect(crashes > 0)
    #expect(run.progress.crashed == crashes)
  }

  @Test func theSameSeedGivesTheSameRun() throws {
    #expect(try run(.leader).digest == run(.leader).digest)
  }
}
