import EddyHistory
import EddyNode
import EddyRun
import EddyStore
import EddyTiming
import Foundation
import HistoryScripts
import Testing

@Suite struct FaultCodecTests {
  /// Faults of one kind in clusters of up to nine nodes, each written as an entry for its start and one for
  /// its end.
  private func drawn(_ fault: Fault, count: Int = 60) -> [(
    record: any FaultRecord, entries: [EddyHistory.Operation]
  )] {
    var random = SeededGenerator(seed: 7)
    return (0..<count).map { number in
      let cluster = FaultScope(nodes: TestOptions.nodeNames(1 + random.below(9)))
      let record = fault.injectable.draw(in: cluster, &random).record
      let start = 10 * number
      return (
        record, [FaultCodec.start(of: record, at: start.ms), FaultCodec.stop(of: record, at: (start + 5).ms)]
      )
    }
  }

  private func expectSame<Record: FaultRecord>(_ record: Record, _ other: any FaultRecord) {
    #expect(other as? Record == record)
  }

  @Test(arguments: Fault.allCases) func aFaultIsReadAsItWasWritten(fault: Fault) {
    let codec = FaultCodec()
    for (record, entries) in drawn(fault) {
      if case .start(let read) = codec.decode(entries[0]) {
        expectSame(record, read)
      } else {
        Issue.record("\(entries[0].function) starts nothing")
      }
      if case .stop(let read) = codec.decode(entries[1]) {
        #expect(read == fault)
      } else {
        Issue.record("\(entries[1].function) ends nothing")
      }
    }
  }

  @Test(arguments: Fault.allCases) func aHistoryHasEveryFaultFromItsStartToItsEnd(fault: Fault) {
    let drawn = drawn(fault)
    let faults = History(drawn.flatMap(\.entries)).faults
    #expect(faults.count == drawn.count)
    for (read, (record, entries)) in zip(faults, drawn) {
      expectSame(record, read.record)
      #expect(read.fault == fault)
      #expect((read.start, read.end) == (entries[0].time, entries[1].time))
    }
  }

  /// There each fault has two entries, as Jepsen writes it.
  @Test(arguments: Fault.allCases) func anEDNFileHasTheSameFaults(fault: Fault) throws {
    let drawn = drawn(fault)
    var text: [UInt8] = []
    EDNHistoryWriter.encode(History(drawn.flatMap(\.entries))) { text += $0 }
    let file = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString).edn")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text).write(to: file)
    let history = try HistoryReader(path: file.path).history
    #expect(history.operations.count == 4 * drawn.count)
    #expect(history.faults.count == drawn.count)
    for (read, (record, entries)) in zip(history.faults, drawn) {
      expectSame(record, read.record)
      #expect((read.start, read.end) == (entries[0].time, entries[1].time))
    }
  }

  @Test(arguments: [
    (
      PartitionFault(
        kind: "one", isolated: [.init(node: "n0", unheard: ["n1"]), .init(node: "n1", unheard: ["n0"])])
        as any FaultRecord,
      #"start-partition {"kind":"one","isolated":{"n0":["n1"],"n1":["n0"]}}"#, "stop-partition"
    ),
    (KillFault(victims: ["n0", "n2"]), #"kill ["n0","n2"]"#, #"start ["n0","n2"]"#),
    (PauseFault(victims: ["n1"]), #"pause ["n1"]"#, #"resume ["n1"]"#),
    (LossFault(probability: 0.1249), #"start-loss "12 %""#, "stop-loss"),
    (DuplicationFault(probability: 0.296), #"start-duplicate "30 %""#, "stop-duplicate"),
  ])
  func entriesAreWrittenSo(record: any FaultRecord, start: String, stop: String) {
    func text(_ entry: EddyHistory.Operation) -> String {
      ([entry.function] + (entry.value.map { [$0.description] } ?? [])).joined(separator: " ")
    }
    #expect(text(FaultCodec.start(of: record, at: .zero)) == start)
    #expect(text(FaultCodec.stop(of: record, at: .zero)) == stop)
  }

  /// Jepsen's nemeses write what was ordered, and then what came of it.
  @Test(arguments: [
    (
      "start-partition", #""majority""#, #"["isolated",{"n1":["n0"],"n0":["n1"]}]"#,
      PartitionFault(
        kind: "majority",
        isolated: [.init(node: "n1", unheard: ["n0"]), .init(node: "n0", unheard: ["n1"])])
        as any FaultRecord
    ),
    ("kill", #""majority""#, #"{"n1":"killed","n2":"killed"}"#, KillFault(victims: ["n1", "n2"])),
    ("kill", #"["n1"]"#, #"{"n1":"killed"}"#, KillFault(victims: ["n1"])),
    ("pause", "null", #"{"n3":""}"#, PauseFault(victims: ["n3"])),
  ])
  func jepsensTwoEntriesAreOneFault(
    function: String, order: String, outcome: String, record: any FaultRecord
  ) throws {
    let stop = FaultCodec.stop(of: record, at: 3.ms).function
    let faults = History([
      .nemesis(function, 1, order), .nemesis(function, 2, outcome), .nemesis(stop, 3), .nemesis(stop, 4),
    ]).faults
    #expect(faults.count == 1)
    let fault = try #require(faults.first)
    expectSame(record, fault.record)
    #expect((fault.start, fault.end) == (1.ms, 3.ms))
  }

  @Test func aFaultThatStartsAgainTakesTheOthersPlace() {
    let faults = History([.nemesis("kill", 1, #"["n0"]"#), .nemesis("kill", 2, #"["n1"]"#)]).faults
    #expect(faults.map(\.record.label) == ["kill n0", "kill n1"])
    #expect(faults.map(\.end) == [2.ms, nil])
  }

  @Test(arguments: [
    ("start-partition", "7"), ("start-partition", "[]"), ("start-partition", #"{"kind":3,"isolated":[1]}"#),
    ("kill", "null"), ("kill", "[1,2]"), ("start-loss", "0.5"), ("start-loss", #""very much""#),
  ])
  func whatAnEntryDoesNotSayStaysEmpty(function: String, value: String) throws {
    let fault = try #require(History([.nemesis(function, 1, value)]).faults.first)
    #expect(fault.record.title == fault.fault.rawValue)
    #expect(fault.record.label == fault.record.title)
  }

  @Test func clientsStartNoFaults() {
    #expect(History([op("kill", #"["n0"]"#, 1...2), op("start", 3...4)]).faults.isEmpty)
  }

  /// An entry is found by its function alone.
  @Test func noTwoFaultsShareANameOrAFunction() {
    let records = Fault.allCases.map(\.record)
    #expect(Set(records.map { $0.name }).count == records.count)
    #expect(Set(records.flatMap { [$0.functions.start, $0.functions.stop] }).count == 2 * records.count)
    for fault in Fault.allCases { #expect(Fault(rawValue: fault.rawValue) == fault) }
  }
}
