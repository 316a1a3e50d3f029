import EddyNode
import Foundation
import Testing

/// Right nodes pass, and planted faults are found, each under its name.
@Suite struct VerdictTests {
  @Test func pythonIsPresent() throws {
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = ["python3", "-c", ""]
    try python.run()
    python.waitUntilExit()
    #expect(python.terminationStatus == 0, "the nodes of these tests need python3 on PATH")
  }

  @Test func aRightEchoNodeInPythonIsValid() async throws {
    let run = try WorkbenchRun("echo", on: "echo", "--node-count", "2", "--rate", "50", "--time-limit", "1")
    #expect(try await run.exitCode() == 0)
    #expect(try run.results()["valid?"] == true)
    #expect(run.output.contains("\nValid: all checks passed.\n"))
  }

  @Test func aRightGeneratorInPythonIsValid() async throws {
    let run = try WorkbenchRun(
      "unique-ids", on: "unique_ids", "--node-count", "3", "--rate", "100", "--time-limit", "1",
      "--nemesis", "partition", "--nemesis-interval", "0.2", "--availability", "total")
    #expect(try await run.exitCode() == 0)
    #expect(try run.results()["availability"]?["ok-fraction"] == 1.0)
  }

  @Test func aRightBroadcastNodeInPythonIsValid() async throws {
    let run = try WorkbenchRun(
      "broadcast", on: "broadcast", "--node-count", "5", "--rate", "50", "--time-limit", "2",
      "--latency", "20")
    #expect(try await run.exitCode() == 0)
    #expect(try run.results()["workload"]?["lost-count"] == 0)
  }

  @Test(arguments: ["echo", "unique-ids", "broadcast"])
  func theDaemonIsValid(workload: String) async throws {
    let run = try WorkbenchRun(
      [
        "-w", workload, "--bin", Files.executable("eddy-node"), "--node-count", "5", "--rate", "50",
        "--time-limit", "2", "--latency", "10", "--availability", "total",
      ], nodeArguments: [workload])
    #expect(try await run.exitCode() == 0)
  }

  @Test func anEchoThatChangesThePayloadIsInvalid() async throws {
    let run = try WorkbenchRun(
      "echo", on: "echo", faults: ["changes"], "--node-count", "1", "--rate", "50", "--time-limit", "1")
    #expect(try await run.exitCode() == 1)
    #expect(try run.anomalies() == ["changed"])
    #expect(run.output.contains("PLEASE ECHO"))
  }

  @Test func aGeneratorThatRepeatsAnIDIsInvalid() async throws {
    let run = try WorkbenchRun(
      "unique-ids", on: "unique_ids", faults: ["repeats"], "--node-count", "1", "--rate", "50",
      "--time-limit", "1")
    #expect(try await run.exitCode() == 1)
    #expect(try run.anomalies() == ["duplicated"])
    #expect(run.output.contains(/"n0-\d+-9" was returned/))
  }

  @Test func aBroadcastThatDropsEveryTenthGossipIsInvalid() async throws {
    let run = try WorkbenchRun(
      "broadcast", on: "broadcast", faults: ["drops"], "--node-count", "3", "--rate", "50",
      "--time-limit", "2")
    #expect(try await run.exitCode() == 1)
    #expect(try run.anomalies().contains("lost"))
  }

  @Test func aReadThatHoldsAValueTwiceIsInvalid() async throws {
    let run = try WorkbenchRun(
      "broadcast", on: "broadcast", faults: ["duplicates"], "--node-count", "2", "--rate", "50",
      "--time-limit", "1")
    #expect(try await run.exitCode() == 1)
    #expect(try run.anomalies() == ["duplicated"])
  }

  @Test func nobodyCanTellWhenNothingHappened() async throws {
    let run = try WorkbenchRun(
      "broadcast", on: "broadcast", "--node-count", "2", "--rate", "0", "--time-limit", "0.5")
    #expect(try await run.exitCode() == 2)
    #expect(try run.results()["valid?"] == "unknown")
  }
}

extension WorkbenchRun {
  /// The names of what the workload's checker found wrong, each once.
  fileprivate func anomalies() throws -> Set<String> {
    guard case .array(let anomalies)? = try results()["workload"]?["anomalies"] else { return [] }
    return Set(
      anomalies.compactMap { if case .string(let name)? = $0["name"] { name } else { nil } })
  }
}
