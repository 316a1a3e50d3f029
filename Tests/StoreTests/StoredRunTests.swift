import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
import EddyRun
import EddySimulation
import EddyStore
import EddyTiming
import EddyWorkloads
import Foundation
import Testing

@Suite final class StoredRunTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)").path

  deinit { try? FileManager.default.removeItem(atPath: store) }

  /// A run in virtual time, with its files.
  private func run() throws -> (recording: Recording, results: Results, directory: RunDirectory) {
    let options = TestOptions(
      workload: "broadcast", nodes: TestOptions.nodeNames(3), timeLimit: .seconds(3), rate: 20,
      latency: Latency(mean: 50), faults: [.partition, .kill], nemesisInterval: .milliseconds(600), seed: 3)
    let run = TestRun(options, workload: BroadcastWorkload(options))
    let cluster = SimulatedCluster(run) { _ in TalkativeBroadcast() }
    cluster.runToEnd()
    let results = Results(
      history: run.history, network: run.network.statistics, workload: SetFullChecker(add: "broadcast"))
    let directory = try RunDirectory(store: store, workload: "broadcast", time: .seconds(1_795_396_500))
    try directory.write(options, with: ["origin": .integer(run.origin.nanoseconds)])
    try directory.write(run.history)
    try directory.write(run.network.journal.records(since: run.origin))
    try directory.write(results)
    for (node, name) in options.nodes.enumerated() {
      try directory.write(log: cluster.log.filter { $0.node == node }.map(\.text), of: name)
    }
    return (Recording(run, log: cluster.log), results, directory)
  }

  @Test func aRunReadFromItsFilesIsDrawnAsTheRunItself() throws {
    let (recording, results, directory) = try run()
    let stored = try StoredRun(directory: directory.path)
    #expect(!recording.marks.isEmpty)
    // Logs tell times to the microsecond only.
    let marks = recording.marks.sorted { ($0.node, $0.time) < ($1.node, $1.time) }
    #expect(stored.recording.marks.map(\.text) == marks.map(\.text))
    for (mark, original) in zip(stored.recording.marks, marks) {
      #expect((0..<1000).contains((mark.time - original.time).nanoseconds))
    }
    let (unmarked, original) = (stored.recording.unmarked, recording.unmarked)
    #expect(LamportDiagram(unmarked).svg == LamportDiagram(original).svg)
    #expect(stored.anomalies == results.anomalies.map(\.operations).filter { !$0.isEmpty })
  }

  @Test func aRunWhoseLogsAreMissingIsReadAllTheSame() throws {
    let directory = try run().directory
    try FileManager.default.removeItem(atPath: directory.nodeLogs)
    let stored = try StoredRun(directory: directory.path)
    #expect(stored.recording.logs == [[], [], []])
    #expect(stored.recording.marks.isEmpty)
  }

  @Test func aDirectoryThatIsNoRunsIsNamed() throws {
    let error = #expect(throws: StoredRunError.self) { try StoredRun(directory: "/nowhere") }
    #expect(error?.description.hasPrefix("/nowhere: ") == true)
  }

  @Test func aDamagedFileIsNamed() throws {
    let directory = try run().directory
    try Data("{".utf8).write(to: URL(filePath: "\(directory.path)/messages.jsonl"))
    let error = #expect(throws: StoredRunError.self) { try StoredRun(directory: directory.path) }
    #expect(error?.description.hasPrefix("\(directory.path)/messages.jsonl: ") == true)
  }

  @Test func theReportLiesBesideTheRecords() throws {
    let (recording, results, directory) = try run()
    try directory.write(Report(recording, results: results, options: [:], command: "eddy"))
    let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(Set(files).isSuperset(of: ["index.html", "messages.svg", "rate.svg", "message-links.svg"]))
  }
}

/// A broadcast node that logs what it is asked.
private final class TalkativeBroadcast: Handler {
  private let broadcast = Broadcast()

  func start(on node: Node) { broadcast.start(on: node) }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    if message.type == "broadcast" { node.log(.info, "asked to broadcast") }
    try broadcast.receive(message, on: node)
  }
}

extension Recording {
  fileprivate var unmarked: Recording {
    var copy = self
    copy.marks = []
    return copy
  }
}
