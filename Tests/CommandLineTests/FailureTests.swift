import EddyHistory
import EddyNode
import Testing

/// A run that cannot be carried out ends with 255 and says why in plain words.
@Suite struct FailureTests {
  /// Runs an echo node that breaks in the given way. The run ends when it does, long before the time limit.
  private func broken(_ fault: String) async throws -> WorkbenchRun {
    let run = try WorkbenchRun(
      "echo", on: "broken", faults: [fault], "--node-count", "1", "--concurrency", "2", "--rate", "50",
      "--time-limit", "20", "--quiet")
    #expect(try await run.exitCode() == 255)
    #expect(try run.results()["valid?"] == "unknown")
    return run
  }

  @Test func aCrashIsExplainedByExitStatusAndLog() async throws {
    let run = try await broken("exits")
    #expect(run.errors.contains("node n0 crashed: exit status 3"))
    #expect(run.errors.contains("I am about to exit"))
    #expect(run.errors.contains("node-logs/n0.log"))
    #expect(try run.history().operations.count >= 5, "what happened before is kept")
  }

  @Test func aNodeThatEndsByItselfHasNotCrashed() async throws {
    let errors = try await broken("ends").errors
    #expect(errors.contains("node n0 ended by itself with exit status 0, before the run was over."))
    #expect(!errors.contains("crash"))
  }

  @Test func aCrashIsExplainedBySignal() async throws {
    #expect(try await broken("segfaults").errors.contains("killed by signal 11 (SIGSEGV)"))
  }

  @Test func aKillThatWasNotTheRunsIsExplained() async throws {
    let errors = try await broken("is_killed").errors
    #expect(errors.contains("killed by signal 9 (SIGKILL), which was not sent by this run"))
  }

  @Test func garbageOnStandardOutputIsShown() async throws {
    let errors = try await broken("prints_garbage").errors
    #expect(errors.contains("not a message"))
    #expect(errors.contains("Hello, I am a debugging aid\n  ^"))
    #expect(errors.contains("standard error"))
  }

  @Test func aLineBeyondTheCapIsAFailure() async throws {
    #expect(try await broken("prints_overlong_line").errors.contains("a line of 68157440 bytes"))
  }

  @Test func aMessageToNobodyIsAFailure() async throws {
    #expect(try await broken("writes_to_nobody").errors.contains("sent a message to \"n99\""))
  }

  @Test func aMessageFromNobodyIsAFailure() async throws {
    #expect(try await broken("writes_as_nobody").errors.contains("sent a message from \"n98\""))
  }

  @Test(arguments: [("closes_output", "standard output"), ("closes_input", "standard input")])
  func aNodeThatClosesAStreamAndRunsOnIsExplained(fault: String, stream: String) async throws {
    #expect(try await broken(fault).errors.contains("node n0 closed its \(stream) and runs on"))
  }

  @Test func silenceIsExplained() async throws {
    #expect(try await broken("is_silent").errors.contains("did not answer \"init\" in time"))
  }

  // jepsen-io/maelstrom issue 59.
  @Test func aForgottenNewlineIsExplained() async throws {
    let errors = try await broken("forgets_newline").errors
    #expect(errors.contains("no newline at its end"))
    #expect(errors.contains(#"{"src":"n0","dest":"c0","body":{"type":"init_ok"}}"#))
  }

  @Test func aScriptWithoutItsInterpreterIsExplained() async throws {
    let run = try WorkbenchRun("echo", on: "uninterpretable", "--time-limit", "1")
    #expect(try await run.exitCode() == 255)
    #expect(run.errors.contains("could not be started"))
    #expect(run.errors.contains("interpreter"))
  }
}

/// Bad arguments end with 254 before anything runs.
@Suite struct ArgumentTests {
  private static let echo = ["-w", "echo", "--bin", Files.node("echo")]

  @Test(arguments: [
    ["-w", "echo"],
    ["-w", "no-such-workload", "--bin", Files.node("echo")],
    ["-w", "echo", "--bin", "/no/such/program"],
    ["-w", "echo", "--bin", Files.node("node")],
    echo + ["--no-such-flag"],
    echo + ["--node-count", "0"],
    echo + ["--rate", "fast"],
    echo + ["--time-limit", "-1"],
    echo + ["--nemesis", "earthquake"],
    echo + ["--availability", "2"],
    echo + ["--partitions", ","],
    echo + ["--test-count", "0"],
    echo + ["--nodes", ","],
    echo + ["--nodes", "a,b,a"],
    echo + ["--nodes", "c0"],
    echo + ["--nodes", "lin-kv"],
    echo + ["--nodes", "../a"],
    ["-w", "echo", "--bin", "/tmp"],
  ])
  func badArgumentsAreRejected(_ arguments: [String]) async throws {
    let run = try WorkbenchRun(arguments)
    #expect(try await run.exitCode() == 254)
    #expect(run.errors.contains("Error:"))
    #expect(run.stored("options.json").isEmpty, "nothing was run")
  }

  @Test func aMissingProgramIsNamed() async throws {
    let run = try WorkbenchRun(["-w", "echo", "--bin", "/no/such/program"])
    _ = try await run.exitCode()
    #expect(run.errors.contains("there is no program /no/such/program"))
  }

  @Test func aProgramThatIsNotExecutableIsNamed() async throws {
    let run = try WorkbenchRun(["-w", "echo", "--bin", Files.node("node")])
    _ = try await run.exitCode()
    #expect(run.errors.contains("node.py is not executable"))
  }

  @Test func valuesToChooseFromAreNamed() async throws {
    let run = try WorkbenchRun(Self.echo + ["--nemesis", "partition,earthquake"])
    _ = try await run.exitCode()
    for fault in Fault.allCases { #expect(run.errors.contains(fault.rawValue)) }
  }

  @Test func helpIsNoError() async throws {
    let run = try WorkbenchRun(["--help"])
    #expect(try await run.exitCode() == 0)
    #expect(run.output.contains("--node-count"))
  }
}
