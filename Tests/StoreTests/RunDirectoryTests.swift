import EddyCheckers
import EddyEventLoop
import EddyHistory
import EddyNode
import EddyProcess
import EddyRun
import EddySimulation
import EddyStore
import EddyTiming
import EddyWorkloads
import Foundation
import Testing

@Suite final class RunDirectoryTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)").path
  /// 2026-11-23 01:15:00.123
  private let time = Duration.milliseconds(1_795_396_500_123)

  deinit { try? FileManager.default.removeItem(atPath: store) }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(store)/\(path)", encoding: .utf8)
  }

  @Test func latestPointsAtTheRunThatBeganLast() throws {
    let first = try RunDirectory(store: store, workload: "echo", time: time)
    let second = try RunDirectory(store: store, workload: "broadcast", time: time)
    #expect(first.path == "\(store)/echo/20261123T011500.123+0000")
    #expect(try FileSystem.realPath("\(store)/latest") == FileSystem.realPath(second.path))
    #expect(try FileSystem.realPath("\(store)/echo/latest") == FileSystem.realPath(first.path))
    #expect(try FileSystem.targetOfLink("\(store)/echo/latest") == "20261123T011500.123+0000")
  }

  @Test func twoRunsOfOneMillisecondDoNotShareADirectory() throws {
    let first = try RunDirectory(store: store, workload: "echo", time: time)
    let second = try RunDirectory(store: store, workload: "echo", time: time)
    #expect(first.path != second.path)
  }

  @Test func aStoreThatCannotBeWrittenIsNamed() throws {
    try Data().write(to: URL(filePath: store))
    let error = #expect(throws: StoreError.self) {
      try RunDirectory(store: self.store, workload: "echo", time: self.time)
    }
    #expect(error?.description.contains("cannot write \(store)/echo") == true)
  }

  @Test func aHistoryLongerThanABufferReadsBackWhole() throws {
    let directory = try RunDirectory(store: store, workload: "echo", time: time)
    let value = RawJSON(string: String(repeating: "x", count: 1000))
    var history = History()
    for index in 0..<1000 {
      history.append(
        Operation(
          time: Instant(nanoseconds: Int(index)), process: .client(index), kind: .invoke, function: "echo",
          value: value))
    }
    try directory.write(history)
    let read = try HistoryFile.decode(Array(text("latest/history.jsonl").utf8))
    #expect(read.operations.count == 1000)
    #expect(read.operations.allSatisfy { $0.value == value })
  }

  @Test func optionsAreKeptUnderTheNamesOfTheirFlags() throws {
    let directory = try RunDirectory(store: store, workload: "echo", time: time)
    let options = TestOptions(
      workload: "echo", nodes: ["n0"], timeLimit: .milliseconds(2500), availability: .total, seed: .max)
    try directory.write(options, with: ["bin": "/bin/cat"])
    let json = try JSONValue(parsing: text("latest/options.json"))
    #expect(json["time-limit"] == 2.5)
    #expect(json["availability"] == "total")
    #expect(json["seed"] == "18446744073709551615")
  }

  @Test func aRunThatWasNotJudgedIsUnknown() throws {
    let directory = try RunDirectory(store: store, workload: "echo", time: time)
    try directory.write(withoutResultsBecause: "node n0 crashed")
    let json = try JSONValue(parsing: text("latest/results.json"))
    #expect(json["valid?"] == "unknown")
    #expect(json["failure"] == "node n0 crashed")
  }

  /// A run with its results, as its simulation judged it.
  private func finishedRun() throws -> SimulationOutcome {
    let options = TestOptions(workload: "echo", nodes: ["n0"], timeLimit: .seconds(1), rate: 5, seed: 1)
    return try #require(SimulationPlan(options).run { _ in Echo() })
  }

  @Test func aRunIsConcludedWithAllItsFiles() throws {
    let outcome = try finishedRun()
    let directory = try RunDirectory(store: store, workload: "echo", time: time)
    let results = try directory.conclude(outcome.run, checker: outcome.checker, command: "eddy test --seed 1")
    #expect(results.text == outcome.results.text)
    #expect(try text("latest/results.json") == results.text)
    #expect(try text("latest/index.html").contains("eddy test --seed 1"))
    let read = try HistoryFile.decode(Array(text("latest/history.jsonl").utf8))
    #expect(read.operations.count == outcome.run.history.operations.count)
    #expect(try directory.readMessages()?.isEmpty == false)
  }

  @Test func aFileThatCannotBeWrittenKeepsNoOtherFromBeingWritten() throws {
    let outcome = try finishedRun()
    let directory = try RunDirectory(store: store, workload: "echo", time: time)
    try FileSystem.makeDirectories("\(directory.path)/history.jsonl")
    let error = #expect(throws: StoreError.self) {
      try directory.conclude(outcome.run, checker: outcome.checker)
    }
    #expect(error?.path == "\(directory.path)/history.jsonl")
    #expect(try text("latest/results.json") == outcome.results.text)
    #expect(try !text("latest/index.html").isEmpty)
  }
}
