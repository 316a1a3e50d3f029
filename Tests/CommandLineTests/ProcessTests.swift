import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming
import Foundation
import Testing

/// What `eddy test` is as a process: one thread, no child that outlives it, files that tell all.
@Suite struct ProcessTests {
  /// Starts a long run, and waits until operations are under way.
  private func longRun() async throws -> WorkbenchRun {
    let run = try WorkbenchRun("echo", on: "echo", "--node-count", "3", "--rate", "50", "--time-limit", "600")
    try await run.start()
    try await run.waitForOperations()
    return run
  }

  private func expectNoneRuns(_ nodes: [Int32], after run: WorkbenchRun) async throws {
    #expect(nodes.count == 3)
    try await run.wait(for: "the nodes' end") { !nodes.contains(where: isRunning) }
  }

  @Test func nodesDieWithAKilledWorkbench() async throws {
    let run = try await longRun()
    let nodes = run.nodeProcesses(3)
    #expect(nodes.allSatisfy(isRunning))
    kill(run.process.processIdentifier, SIGKILL)
    try await run.end()
    try await expectNoneRuns(nodes, after: run)
  }

  @Test(arguments: [SIGKILL, SIGTERM])
  func whatNodesStartedDiesWithTheWorkbench(signal: Int32) async throws {
    let run = try WorkbenchRun("echo", on: "helped", "--node-count", "2", "--time-limit", "600")
    try await run.start()
    try await run.waitForOperations()
    let helpers = try (0..<2).map { node in
      let log = run.stored("node-logs/n\(node).log")
      let match = try #require(log.firstMatch(of: /helper (\d+)/))
      return try #require(Int32(match.1))
    }
    #expect(helpers.allSatisfy(isRunning))
    kill(run.process.processIdentifier, signal)
    try await run.end()
    try await run.wait(for: "the helpers' end") { !helpers.contains(where: isRunning) }
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func aSignalEndsTheRunAndItsNodesAndKeepsWhatThereIs(signal: Int32, exitCode: Int32) async throws {
    let run = try await longRun()
    let nodes = run.nodeProcesses(3)
    kill(run.process.processIdentifier, signal)
    try await run.end()
    #expect(run.process.terminationReason == .exit)
    #expect(run.process.terminationStatus == exitCode)
    try await expectNoneRuns(nodes, after: run)
    #expect(try !run.history().operations.isEmpty)
    #expect(try run.results()["valid?"] == "unknown")
    #expect(run.errors.contains("interrupted by signal \(signal)"))
  }

  @Test func nodesAreGoneWhenARunHasEnded() async throws {
    let run = try WorkbenchRun("echo", on: "echo", "--node-count", "3", "--rate", "20", "--time-limit", "1")
    #expect(try await run.exitCode() == 0)
    let nodes = run.nodeProcesses(3)
    #expect(nodes.count == 3)
    #expect(!nodes.contains(where: isRunning))
  }

  @Test func theWorkbenchIsOneThread() async throws {
    let run = try await longRun()
    let threads = try FileManager.default.contentsOfDirectory(
      atPath: "/proc/\(run.process.processIdentifier)/task")
    #expect(threads.count == 1)
    kill(run.process.processIdentifier, SIGKILL)
    try await run.end()
  }

  @Test func nodesThatAreKilledAndPausedComeBack() async throws {
    let run = try WorkbenchRun(
      "unique-ids", on: "unique_ids", "--node-count", "3", "--concurrency", "10n", "--rate", "20",
      "--time-limit", "6", "--nemesis", "kill,pause", "--nemesis-interval", "0.2")
    #expect(try await run.exitCode() == 0)
    let functions = Set(try run.history().operations.map(\.function))
    #expect(functions.isSuperset(of: ["kill", "start", "pause", "resume"]))
    let starts = run.stored("node-logs/n0.log").split(separator: "\n").filter { $0.hasPrefix("pid") }
    #expect(starts.count > 1, "a log goes on where the node's last life ended")
  }

  @Test func theSameSeedInvokesTheSameOperations() async throws {
    var sequences: [[String]] = []
    for _ in 0..<2 {
      let run = try WorkbenchRun(
        "echo", on: "echo", "--node-count", "2", "--rate", "100", "--time-limit", "1", "--seed", "42")
      #expect(try await run.exitCode() == 0)
      let invocations = try run.history().operations.filter { $0.kind == .invoke }
      sequences.append(invocations.map { "\($0.function) \($0.value?.description ?? "")" })
    }
    let length = try #require(sequences.map(\.count).min())
    #expect(length > 20)
    #expect(sequences[0].prefix(length) == sequences[1].prefix(length))
  }

  @Test func theSeedIsTheFirstThingPrinted() async throws {
    let run = try WorkbenchRun("echo", on: "echo", "--time-limit", "0.2")
    _ = try await run.exitCode()
    let seed = try #require(run.output.firstMatch(of: /^Seed: (\d+)\n/))
    #expect(try JSONValue(parsing: run.stored("options.json"))["seed"] == .string(String(seed.1)))
  }

  @Test func everyMessageIsOnRecord() async throws {
    let run = try WorkbenchRun(
      "broadcast", on: "broadcast", "--node-count", "3", "--rate", "20", "--time-limit", "1", "--latency",
      "30")
    #expect(try await run.exitCode() == 0)
    let gossip = try run.messages().filter { $0.type == "gossip" }
    #expect(!gossip.isEmpty)
    #expect(gossip.allSatisfy { $0.received.count == 1 })
    #expect(gossip.allSatisfy { $0.received[0] - $0.sent >= .milliseconds(30) })
    #expect(try run.results()["net"]?["servers"]?["msg-count"] == .integer(gossip.count))
  }

  @Test func runsAreRepeatedUntilOneIsNotValid() async throws {
    func seeds(_ faults: [String]) async throws -> (exitCode: Int32, seeds: [Substring]) {
      let run = try WorkbenchRun(
        "echo", on: "echo", faults: faults, "--nodes", "left,right", "--time-limit", "0.2", "--rate", "100",
        "--test-count", "2", "--seed", "7")
      let exitCode = try await run.exitCode()
      #expect(!run.stored("node-logs/right.log").isEmpty)
      return (exitCode, run.output.matches(of: /Seed: (\d+)/).map(\.1))
    }
    #expect(try await seeds([]) == (0, ["7", "8"]))
    #expect(try await seeds(["changes"]) == (1, ["7"]))
  }

  @Test func logFlagsShowWhatNodesWriteAndSend() async throws {
    let run = try WorkbenchRun(
      "echo", on: "echo", "--node-count", "1", "--time-limit", "0.2", "--log-stderr", "--log-net-send",
      "--log-net-recv", "--log-ops", "--rate", "50", "--nemesis", "partition", "--nemesis-interval", "0.01")
    #expect(try await run.exitCode() == 0)
    #expect(run.errors.contains(/n0: pid \d+\n/))
    #expect(run.errors.contains(/sent +\{"src":"c0","dest":"n0","body":\{"type":"init"/))
    #expect(run.errors.contains(/received +.*init_ok/))
    #expect(run.errors.contains(/\n0\.\d{3} s  process 0  invoke  echo  "Please echo \d+"\n/))
    #expect(run.errors.contains(/\n0\.\d{3} s  nemesis  info  start-partition  \{/))
    #expect(run.nodeProcesses(1).count == 1, "the log's file gets it too")
  }
}
