import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddyTiming
import StorageTesting
import Testing

@testable import EddySimulation

/// Disks of nodes in virtual time: alone, and under a set whose nodes are killed.
@Suite struct SimulatedDiskTests {
  private let zero = Instant.zero

  private func disk(_ faults: DiskFault..., seed: UInt64 = 1) -> SimulatedDisk {
    SimulatedDisk(
      DiskConditions(latency: .milliseconds(2), faults: faults), SeededGenerator(seed: seed))
  }

  private func work(_ numbers: ClosedRange<Int>, sync: Bool = true) -> StorageWork {
    StorageWork(operations: numbers.map { .append(record($0)) }, sync: sync ? numbers.upperBound : nil)
  }

  private func record(_ number: Int) -> [UInt8] { Array("record \(number)".utf8) }

  @Test func aSyncTakesTheDisksLatencyAndOneWithNothingToWriteNone() throws {
    var disk = disk()
    #expect(disk.take(work(1...2, sync: false), at: zero) == nil)
    let taken = disk.take(work(3...3), at: zero)
    let first = try #require(taken)
    #expect(first.end == zero + .milliseconds(2) && first.error == nil)
    disk.endSync(failed: false)
    #expect(disk.take(StorageWork(operations: [], sync: 3), at: zero)?.end == zero)
    #expect(disk.recover().records == [record(1), record(2), record(3)])
  }

  @Test func aKillLosesWhatWasNotSyncedAndNothingElse() {
    var disk = disk(.lose)
    _ = disk.take(work(1...3), at: zero)
    disk.endSync(failed: false)
    _ = disk.take(work(4...6), at: zero)
    disk.crash()
    #expect(disk.recover().records == (1...3).map(record))
  }

  @Test func withoutFaultsAKillLosesNothing() {
    var disk = disk()
    _ = disk.take(work(1...3, sync: false), at: zero)
    disk.crash()
    #expect(disk.recover().records == (1...3).map(record))
  }

  @Test func aTornWriteLeavesAPrefix() {
    var counts: [Int: Int] = [:]
    for seed in 1...200 as ClosedRange<UInt64> {
      var disk = disk(.tear, seed: seed)
      _ = disk.take(work(1...2), at: zero)
      disk.endSync(failed: false)
      _ = disk.take(work(3...6), at: zero)
      disk.crash()
      let records = disk.recover().records
      #expect(records == (1...6).map(record).prefix(records.count).map { $0 })
      counts[records.count, default: 0] += 1
      // What is written later follows what is left.
      _ = disk.take(work(9...9), at: zero)
      disk.endSync(failed: false)
      #expect(disk.recover().records == records + [record(9)])
    }
    // From nothing of the four to all but the last.
    #expect(counts.keys.sorted() == [2, 3, 4, 5])
  }

  @Test func aSnapshotIsThereAsAWholeOrNotAtAll() {
    var outcomes: [RecoveredStorage: Int] = [:]
    for seed in 1...200 as ClosedRange<UInt64> {
      var disk = disk(.tear, seed: seed)
      _ = disk.take(work(1...2), at: zero)
      disk.endSync(failed: false)
      _ = disk.take(
        StorageWork(
          operations: [.replaceAll(snapshot: [1], records: [record(2)]), .append(record(3))], sync: 4),
        at: zero)
      disk.crash()
      outcomes[disk.recover(), default: 0] += 1
    }
    #expect(outcomes.count == 2)
    #expect(outcomes[RecoveredStorage(records: [record(1), record(2)])] ?? 0 > 50)
    #expect(outcomes[RecoveredStorage(snapshot: [1], records: [record(2)])] ?? 0 > 50)
  }

  @Test func someSyncsOfASlowDiskTakeTenTimesAsLong() {
    var disk = disk(.slow)
    var times: [Duration: Int] = [:]
    for number in 1...300 {
      let end = disk.take(work(number...number), at: zero)?.end ?? zero
      disk.endSync(failed: false)
      times[end - zero, default: 0] += 1
    }
    #expect(times.keys.sorted() == [.milliseconds(2), .milliseconds(20)])
    #expect((10...60).contains(times[.milliseconds(20)]!))
  }

  @Test func aFullDiskKeepsWhatItCouldNotWriteForTheNextSync() {
    var disk = disk(.full)
    var failures = 0
    var now = zero
    for number in 1...300 {
      guard let (end, error) = disk.take(work(number...number), at: now) else { continue }
      disk.endSync(failed: error != nil)
      failures += error == nil ? 0 : 1
      now = end + .milliseconds(50)
    }
    #expect((10...250).contains(failures))
    while let (end, error) = disk.take(StorageWork(operations: [], sync: 300), at: now), error != nil {
      disk.endSync(failed: true)
      now = end + .milliseconds(50)
    }
    disk.endSync(failed: false)
    #expect(disk.recover().records == (1...300).map(record))
  }

  // MARK: Nodes

  @Test func aRestartedNodeFindsWhatItSynced() throws {
    let cluster = Simulation(nodes: 1, seed: 1, disks: DiskConditions(faults: [.lose])) { DurableSet() }
    for element in 0..<50 { try cluster.request("n0", "add", ["element": .integer(element)]) }
    cluster.post("n0", "add", ["element": 99])
    cluster.restart(0)
    let elements = try cluster.request("n0", "read")["value"]
    #expect(elements == .array((0..<50).map { .integer($0) }))
    #expect(cluster.transcript().contains(#""restarted":true"#))
  }

  @Test func aPausedNodeLearnsOfASyncWhenItIsResumed() throws {
    let cluster = Simulation(nodes: 1, seed: 1, disks: DiskConditions(latency: .milliseconds(10))) {
      DurableSet()
    }
    cluster.advance(by: .seconds(1))
    let id = cluster.post("n0", "add", ["element": 1])
    cluster.pause(0)
    cluster.advance(by: .seconds(1))
    #expect(cluster.reply(to: id) == nil)
    cluster.resume(0)
    cluster.advance(by: .milliseconds(1))
    #expect(cluster.reply(to: id)?.type == "add_ok")
  }

  @Test func syncsShareAndTakeVirtualTime() throws {
    let cluster = Simulation(nodes: 1, seed: 1, disks: DiskConditions(latency: .milliseconds(10))) {
      DurableSet()
    }
    cluster.advance(by: .seconds(1))
    let start = cluster.now
    let ids = (0..<10).map { cluster.post("n0", "add", ["element": .integer($0)]) }
    cluster.advance(until: { ids.allSatisfy { cluster.reply(to: $0) != nil } })
    // The first has one of its own, the other nine the next.
    #expect(cluster.now - start == .milliseconds(20))
  }

  private func run(
    _ rule: DurableSet.Rule, _ disks: DiskConditions?, seed: UInt64
  ) throws -> SimulationOutcome {
    var options = TestOptions(
      workload: "g-set", nodes: ["n0"], concurrency: 3, timeLimit: .seconds(20), rate: 50,
      latency: Latency(mean: 5), faults: [.kill, .pause], nemesisInterval: .seconds(1), seed: seed)
    options.livenessBound = .seconds(10)
    var conditions = Conditions()
    conditions.disks = disks
    return try #require(
      SimulationPlan(options, conditions: conditions).run { _ in DurableSet(rule) })
  }

  @Test(arguments: [[], [.lose], [.tear], [.lose, .tear, .slow], DiskFault.allCases])
  func aSetThatSyncsBeforeItAcknowledgesSurvivesEveryKill(faults: [DiskFault]) throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let outcome = try run(.whenDurable, DiskConditions(faults: faults), seed: seed)
      #expect(outcome.symptom == nil, "seed \(seed): \(outcome.results.consoleText)")
    }
  }

  @Test(arguments: [DurableSet.Rule.earlyAcknowledgement, .earlyRead, .snapshotOfThePast])
  func aSetThatIsWrongAboutItsDiskIsCaughtLosing(mistake: DurableSet.Rule) throws {
    let disks = DiskConditions(latency: .milliseconds(20), faults: [.lose, .full])
    let symptoms = try (1...10).map { try run(mistake, disks, seed: $0).symptom }
    #expect(symptoms.contains(.anomalies(["lost"])), "\(symptoms)")
  }

  @Test func aSetWithoutADiskIsCaughtLosing() throws {
    let symptoms = try (1...5).map { try run(.whenDurable, nil, seed: $0).symptom }
    #expect(symptoms.contains { $0?.contains("lost") == true }, "\(symptoms)")
  }

  @Test func theSameSeedGivesTheSameHistoryToTheByte() throws {
    let disks = DiskConditions(faults: DiskFault.allCases)
    let digests = try (0..<3).map { _ in try run(.whenDurable, disks, seed: 7).digest }
    #expect(Set(digests).count == 1)
  }

  // MARK: Swarms

  private func swarm(_ seed: UInt64, isDurable: Bool = true) -> SimulationPlan {
    .swarm(workload: "g-set", faults: [.kill, .pause], isDurable: isDurable, seed: seed)
  }

  @Test func aSwarmGivesDisksToDurableNodesThatAreKilledAndChangesNothingElse() {
    var disks: Set<Bool> = []
    for seed in 1...200 as ClosedRange<UInt64> {
      let plan = swarm(seed)
      if plan.options.faults.contains(.kill) {
        #expect(plan.conditions.disks != nil)
      } else {
        disks.insert(plan.conditions.disks != nil)
      }
      var without = plan
      without.conditions.disks = nil
      #expect(without == swarm(seed, isDurable: false))
    }
    #expect(disks == [true, false])
  }

  private func run(_ plan: SimulationPlan, _ rule: DurableSet.Rule) throws -> SimulationOutcome {
    var plan = plan
    plan.options.nodes = ["n0"]
    plan.options.concurrency = 3
    plan.conditions.slowNodes = 0
    return try #require(plan.run { _ in DurableSet(rule) })
  }

  @Test func noSeedOfASwarmLosesWhatADurableSetHasAcknowledged() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      let outcome = try run(swarm(seed), .whenDurable)
      #expect(outcome.symptom == nil, "seed \(seed): \(outcome.results.consoleText)")
    }
  }

  @Test func aSwarmFindsAnEarlyAcknowledgementAndTheShrinkerKeepsTheDiskThatLoses() throws {
    let isLost = { (plan: SimulationPlan) in
      // Without a disk every kill loses.
      plan.conditions.disks != nil
        && (try? run(plan, .earlyAcknowledgement).symptom) == .anomalies(["lost"])
    }
    let plan = try #require((1...100 as ClosedRange<UInt64>).lazy.map { swarm($0) }.first(where: isLost))
    var shrinker = Shrinker(attempts: 200, fails: isLost)
    let smallest = shrinker.shrink(plan)
    // Only a disk that loses or tears loses.
    #expect(smallest.conditions.disks?.faults.isEmpty == false)
    #expect(smallest.options.faults == [.kill])
    #expect(smallest.command.contains("--disk --disk"))
  }
}
