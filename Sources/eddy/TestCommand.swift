import ArgumentParser
import EventLoop
import Node
import ProcessCluster
import Store
import Timing
import Workbench

/// What is shown while a run goes on.
struct LogFlags: ParsableArguments {
  @Flag(help: "Show what the nodes write on standard error.")
  var logStderr = false

  @Flag(help: "Show each message when it is sent.")
  var logNetSend = false

  @Flag(help: "Show each message when it is delivered or dropped.")
  var logNetRecv = false

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false
}

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs any program as a cluster of nodes, and judges what it does.",
    discussion: """
      Each node is a process that speaks Maelstrom's protocol on its standard input and output. \
      The exit code is 0 if the run was valid, 1 if it was not, 2 if too little happened to tell, \
      254 for bad arguments, 255 if the run could not be carried out.
      """)

  @Option(help: ArgumentHelp("The program that each node runs.", valueName: "path"))
  var bin: String

  @OptionGroup var flags: RunFlags

  @OptionGroup var logs: LogFlags

  @Option(help: ArgumentHelp("Where the run's files go.", valueName: "directory"))
  var store = "store"

  @Option(
    help: ArgumentHelp(
      "How many runs to make, each of the next seed; the first that is not valid is the last.",
      valueName: "number"))
  var testCount = 1

  @Argument(parsing: .postTerminator, help: "What the program is given as arguments, behind --.")
  var arguments: [String] = []

  func validate() throws {
    guard testCount > 0 else { throw ValidationError("--test-count must be positive") }
    _ = try findProgram()
  }

  func run() throws {
    let program = try findProgram()
    let seed = try flags.seed ?? System.entropy() >> 32  // Half of it is quicker to type again.
    for number in 0..<UInt64(testCount) {
      let exitCode = try run(program, seed: seed &+ number)
      guard exitCode == .success else { throw exitCode }
    }
  }

  private func run(_ program: Program, seed: UInt64) throws -> ExitCode {
    let console = Console()
    console.report("Seed: \(seed)")
    let options = flags.options(seed: seed)
    guard let workload = WorkloadCatalog.workload(options) else {
      throw ValidationError("there is no workload \(options.workload)")
    }
    let directory = try RunDirectory(store: store, workload: options.workload, time: System.wallClockNow)
    let facts: JSONObject = [
      "bin": .string(program.path), "arguments": .array(program.arguments.map { .string($0) }),
    ]
    try directory.write(options, with: facts)
    let run = TestRun(options, workload: workload)
    let conclusion = RunConclusion(
      run: run, checker: workload.checker, directory: directory, console: console, facts: facts,
      command: command(seed: seed), writesEDN: flags.edn)
    return try carryOut(run, program, conclusion)
  }

  /// What was typed, with the run's seed: of flags that are given twice the later counts.
  private func command(seed: UInt64) -> String {
    var words = Array(CommandLine.arguments.dropFirst())
    if flags.seed != seed {
      words.insert(contentsOf: ["--seed", "\(seed)"], at: words.firstIndex(of: "--") ?? words.endIndex)
    }
    if testCount > 1 {
      words.insert(contentsOf: ["--test-count", "1"], at: words.firstIndex(of: "--") ?? words.endIndex)
    }
    return (["eddy"] + words.map(\.shellQuoted)).joined(separator: " ")
  }

  private func findProgram() throws -> Program {
    do {
      return try Program(path: bin, arguments: arguments)
    } catch {
      throw ValidationError("--bin: \(error)")
    }
  }

  private func carryOut(
    _ run: TestRun, _ program: Program, _ conclusion: RunConclusion
  ) throws -> ExitCode {
    let session = try TestSession(
      run, program: program, logDirectory: conclusion.directory.nodeLogs, console: conclusion.console,
      flags: logs)
    switch try session.run() {
    case .finished: return try conclusion.judge()
    case .failed(let report):
      return try conclusion.explain(report.description, code: .notCarriedOut)
    case .interrupted(let signal):
      return try conclusion.explain(
        "The run was interrupted by signal \(signal).", code: ExitCode(interruptedBy: signal))
    }
  }
}

extension String {
  /// The word as a shell takes it back.
  var shellQuoted: String {
    let isPlain = unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", ",", "+", "@", "%": true
      default: false
      }
    }
    guard !isPlain || isEmpty else { return self }
    return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}
