import EddyHistory
import EddyStore
import Testing

/// The partitions in histories that Maelstrom recorded.
@Suite struct FaultTests {
  @Test func aPartitionHasItsKindAndItsNodes() throws {
    let run = try #require(RecordedRun.all.first { $0.name == "g-set-own" })
    let history = try run.history()
    let fault = try #require(history.faults.first)
    #expect(fault.record.title == "partition (majority)")
    #expect(fault.record.scope(among: ["n0", "n1", "n2", "n3", "n4"]) == "n0 n4 | n1 n2 n3")
    #expect(fault.start == history.operations[0].time)
    #expect(fault.end == history.operations[3143].time)
  }

  /// The runs whose last partition the history does not see the end of: lin-kv has no final operations.
  private static let cutOff = ["lin-kv-ok-part"]

  /// Each has an entry for what was ordered and one for what came of it.
  @Test(arguments: RecordedRun.all) func everyPartitionIsEffectiveAndEnds(run: RecordedRun) throws {
    let history = try run.history()
    let starts = history.operations.count { $0.function == "start-partition" }
    #expect(history.faults.count == starts / 2)
    for (index, fault) in history.faults.enumerated() {
      #expect(fault.record.isEffective)
      #expect((fault.record as? PartitionFault)?.kind != nil)
      let isOpen = Self.cutOff.contains(run.name) && index == history.faults.count - 1
      #expect(fault.end.map { fault.start < $0 } == (isOpen ? nil : true))
    }
  }
}
