import ArgumentParser
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import Foundation
import Testing

@testable import EddyTool

/// Flags and commands as Maelstrom has them, and what is said of a value that none of them takes.
@Suite struct FlagTests {
  private static let echo = ["-w", "echo", "--bin", "/bin/cat"]

  private func parse(_ arguments: [String]) throws -> TestCommand {
    try #require(try EddyCommand.parseAsRoot(["test"] + arguments) as? TestCommand)
  }

  /// The long flags that a text names.
  private func flags(in text: Substring) -> Set<Substring> {
    Set(text.matches(of: /--[a-z][a-z-]+/).map(\.output))
  }

  @Test func theTableOfParityNamesTheFlagsThatThereAre() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../docs/parity.md")
    let document = try String(contentsOf: file, encoding: .utf8)
    let sections = document.components(separatedBy: "\n## ")
    let table = try #require(sections.first { $0.hasPrefix("Flags\n") })[...]
    let named = flags(in: table)
    let taken = flags(in: EddyCommand.helpMessage(for: TestCommand.self, includeHidden: true)[...])
    let simulated = flags(in: EddyCommand.helpMessage(for: SimulateCommand.self, includeHidden: true)[...])
    #expect(named.subtracting(taken).subtracting(simulated) == [])
    #expect(taken.subtracting(named) == ["--help", "--node-flag", "--version"])
    // Rows elsewhere name flags of these commands and of Eddy's nodes.
    #expect(flags(in: document[...]).subtracting(taken).subtracting(simulated) == ["--ack", "--data-dir"])
  }

  /// What is printed of arguments that are refused.
  private func refusal(_ arguments: [String]) -> String {
    do {
      _ = try EddyCommand.parseAsRoot(arguments)
      return ""
    } catch {
      return EddyCommand.message(for: error)
    }
  }

  private func nodes(_ arguments: [String]) throws -> [String] {
    try parse(Self.echo + arguments).flags.plan().options.nodes
  }

  // Jepsen's `parse-nodes`, and `parse-node-count` of Maelstrom's core.clj.
  @Test func nodesAreNamedAsUnderJepsen() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "nodes-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try "f1\nf2\n".write(to: file, atomically: true, encoding: .utf8)
    #expect(try nodes([]) == ["n1", "n2", "n3", "n4", "n5"])
    #expect(try nodes(["-n", "a", "--node", "b"]) == ["a", "b"])
    #expect(try nodes(["--nodes-file", file.path]) == ["f1", "f2"])
    #expect(
      try nodes(["-n", "c", "--nodes", "a,b", "--nodes-file", file.path]) == ["f1", "f2", "a", "b", "c"])
    #expect(try nodes(["-n", "a", "--node-count", "2"]) == ["n0", "n1"])
    #expect(refusal(["test"] + Self.echo + ["-n", "a", "-n", "a"]).contains("must not name a twice"))
    #expect(
      refusal(["test"] + Self.echo + ["--nodes-file", "/none"]).contains("cannot read /none: No such file"))
  }

  @Test(arguments: [
    ["--no-ssh"], ["--username", "root"], ["--password", "root"], ["--ssh-private-key", "key"],
    ["--strict-host-key-checking"], ["--leave-db-running"], ["--logging-json"],
  ])
  func aFlagOfJepsensThatMeansNothingHereIsTakenAndSaysSo(flag: [String]) throws {
    #expect(try parse(Self.echo + flag).ignored.remark?.hasPrefix("\(flag[0]) does nothing here") == true)
    #expect(try parse(Self.echo).ignored.remark == nil)
  }

  @Test func severalThatDoNothingSaySoInOneLine() throws {
    let remark = try #require(try parse(Self.echo + ["--no-ssh", "--logging-json"]).ignored.remark)
    #expect(remark.hasPrefix("--no-ssh, --logging-json do nothing here"))
  }

  @Test func theProgramsArgumentsNeedNoDashes() throws {
    #expect(try parse(["--bin", "/bin/cat", "a", "-w", "echo", "b"]).arguments == ["a", "b"])
    #expect(try parse(Self.echo + ["a", "--", "-x", "--", ""]).arguments == ["a", "-x", "--", ""])
  }

  @Test func aRunThatNamesNoWorkloadHasOne() throws {
    #expect(try parse(["--bin", "/bin/cat"]).flags.plan().options.workload == WorkloadRegistry.standard)
  }

  @Test(arguments: [
    ("serve", "index.html"), ("demo", "simulate"), ("doc", "README"), ("analyze", "eddy check"),
  ])
  func aCommandOfMaelstromsIsToldWhatToDoInstead(name: String, advice: String) throws {
    let result = try eddy([name, "-w", "echo", "--port", "8080"])
    #expect(result.code == 254)
    #expect(result.text.contains(advice))
  }

  @Test(arguments: [
    (["--rate", "-3"], "must not be negative"), (["--latency", "-1"], "must not be negative"),
    (["--node-count", "0"], "must be positive"), (["--test-count", "-1"], "must be positive"),
    (["--nemesis", "foo"], "must be one of partition, kill"), (["--time-limit", "x"], "must be a number"),
    (["--seed", "1.5"], "must be a whole number"),
  ])
  func aValueThatIsRefusedIsToldWhy(flags: [String], reason: String) {
    let text = refusal(["test"] + Self.echo + flags)
    #expect(text.contains("The value '\(flags[1])' is invalid for '\(flags[0])"))
    #expect(text.contains(reason))
  }

  @Test(arguments: [
    (["--windo", "3"], "Unknown option '--windo'"),
    (["--window", "-3"], "--window must be from 0 to 3600000 milliseconds"),
    (["--window", "x"], "The value 'x' is invalid for '--window <ms>'"),
  ])
  func theNodesOwnFlagsSayWhatIsWrong(flags: [String], reason: String) {
    #expect(refusal(["simulate", "-w", "broadcast", "--"] + flags).contains("the nodes' flags: \(reason)"))
  }

  @Test(arguments: [
    (["--verify"], "--verify is for programs: give one with --bin"),
    (["--env", "A=1"], "--env is for programs"), (["--random-schedule"], "--random-schedule is for programs"),
    (["--clock-jump", "5"], "Eddy's own nodes read no wall clock"),
    (["--bin", "/bin/cat", "--disk"], "a program's own directory is {dir} among its arguments"),
    (["--bin", "/bin/cat", "--date", "-1"], "--date must be from 0"),
    (["--bin", "/no/such/program"], "there is no program /no/such/program"),
    (["--bin", "/etc/passwd"], "is not executable"),
  ])
  func flagsOfProgramsInVirtualTimeSayWhatIsWrong(flags: [String], reason: String) {
    let text = refusal(["simulate", "-w", "broadcast"] + flags)
    #expect(text.contains(reason), "\(text)")
  }

  @Test func inASwarmWhatFlagsSayIsNotDrawn() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let plan = try PlanFlags.parse([
        "-w", "broadcast", "--swarm", "--seed", "\(seed)", "--node-count", "4", "--latency", "7", "--nemesis",
        "kill",
      ]).plan()
      #expect(plan.options.nodes.count == 4 && plan.options.concurrency % 4 == 0)
      #expect(plan.options.latency.mean == 7 && plan.options.faults == [.kill])
    }
  }

  @Test(arguments: ["test", "simulate", "diagram", "challenges"])
  func helpExplainsEveryFlagInWords(command: String) throws {
    let help = try eddy([command, "--help"]).text
    #expect(!help.contains("\(Int.max)"))
    #expect(!help.contains("- \n"))
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.hasPrefix("USAGE") })
    // A flag with nothing behind it and nothing below it.
    #expect(!help.contains(/\n  --?[^\s,]+(, --\S+)?( <\S+>)?\n  \S/))
  }
}
