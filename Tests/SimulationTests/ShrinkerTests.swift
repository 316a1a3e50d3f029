import EddyHistory
import EddyRun
import EddySimulation
import EddyTiming
import Testing

/// The shrinker against conditions that are stated outright.
@Suite struct ShrinkerTests {
  private static let large: SimulationPlan = {
    var options = TestOptions(
      workload: "txn-rw-register", nodes: TestOptions.nodeNames(9), concurrency: 18, timeLimit: .seconds(10),
      rate: 100,
      faults: [.partition, .kill, .pause], partitions: Partition.Kind.allCases, seed: 1)
    options.keyCount = 10
    options.finalReads = true
    options.maxTxnLength = 8
    options.maxWritesPerKey = 64
    return SimulationPlan(options)
  }()

  @Test func whatDoesNotMatterIsTakenAway() {
    var shrinker = Shrinker { plan in
      let options = plan.options
      return options.nodes.count >= 2 && options.timeLimit >= .milliseconds(2_300) && options.rate >= 20
        && options.keyCount ?? 0 >= 2 && options.maxTxnLength >= 3 && options.maxWritesPerKey >= 5
        && options.faults.contains(.partition) && options.partitions.contains(.oneWay)
    }
    let options = shrinker.shrink(Self.large).options
    #expect(options.nodes == ["n0", "n1"])
    #expect(options.timeLimit == .milliseconds(2_300))
    #expect(options.rate == 20)
    #expect(options.keyCount == 2)
    #expect(!options.finalReads)
    #expect(options.maxTxnLength == 3)
    #expect(options.maxWritesPerKey == 5)
    #expect(options.faults == [.partition])
    #expect(options.partitions == [.oneWay])
  }

  @Test func disksThatAreNeededKeepOnlyWhatIsNeeded() {
    var plan = Self.large
    plan.conditions.clockSkew = 100
    plan.conditions.disks = DiskConditions(latency: .milliseconds(50), faults: DiskFault.allCases)
    var shrinker = Shrinker { $0.conditions.disks?.faults.contains(.tear) == true }
    let conditions = shrinker.shrink(plan).conditions
    #expect(conditions.disks == DiskConditions(faults: [.tear]) && conditions.clockSkew == 0)
    shrinker = Shrinker { _ in true }
    #expect(shrinker.shrink(plan).conditions == Conditions())
  }

  @Test func whatMattersToNoneOfItsWorkloadsIsLeftAlone() {
    var plan = Self.large
    plan.options.workload = "echo"
    plan.options.keyCount = nil
    var shrinker = Shrinker { _ in true }
    let smallest = shrinker.shrink(plan)
    #expect(smallest.options.keyCount == nil && smallest.options.maxTxnLength == 8)
    #expect(smallest.options.partitions == Partition.Kind.maelstrom, "of a fault that is gone")
  }

  @Test func aSymptomIsTheWholeSetOfNamesOrTheKindOfCause() {
    #expect(Symptom.anomalies(["lost", "stale"]) != .anomalies(["lost"]))
    #expect(Symptom.anomalies(["lost", "stale"]).description == "lost, stale")
    #expect(Symptom.failure(kind: "crashed").description == "ended early (crashed)")
  }
}
