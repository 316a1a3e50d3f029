import ArgumentParser
import EddyEventLoop
import EddyNode
import EddyProcessCluster
import EddyRun
import EddySimulation
import EddyStore
import EddyTiming

/// The flags for what is shown during a run.
struct LogFlags: ParsableArguments {
  @Flag(help: "Show each invocation and completion of an operation, and each action of the nemesis.")
  var logOps = false

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
    abstract: "Runs any program as a cluster of nodes and checks its behaviour.",
    discussion: """
      Each node is a process that speaks Maelstrom's protocol on its standard input and output. \
      The exit code is 0 if the run is valid, 1 if it is invalid, 2 if too little happened to judge it, \
      254 for bad arguments, 255 if the run could not be carried out.

      Every flag of 'maelstrom test' is accepted. --leave-db-running, --logging-json and the flags for SSH do nothing.

        eddy test -w echo --bin ./node --node-count 1 --time-limit 10
        eddy test -w broadcast --bin ./node --nemesis partition -- --node-flag
      """)

  @Option(help: ArgumentHelp("The program that each node runs.", valueName: "path"))
  var bin: String

  @OptionGroup var flags: RunFlags

  @OptionGroup var logs: LogFlags

  // These flags do nothing, so the help does not list them.
  @OptionGroup(visibility: .hidden) var ignored: IgnoredFlags

  @Option(help: ArgumentHelp("Where the run's files go.", valueName: "directory"))
  var store = "store"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of runs, with consecutive seeds; the first that is not valid is the last (default: 1).",
      valueName: "number"), transform: FlagValue.positive)
  var testCount = 1

  @Argument(
    help: """
      The program's arguments. Put -- before arguments that begin with a dash. {dir} stands for a directory of the \
      node's own, which is empty at first and outlives the node's kills.
      """)
  var arguments: [String] = []

  func validate() throws {
    _ = try findProgram()
  }

  func run() throws {
    let program = try findProgram()
    let console = Console()
    if let remark = ignored.remark { console.print(remark) }
    var options = try flags.plan().options
    if flags.workload == nil { console.print("No --workload is given; using \(options.workload).") }
    // 32 bits, so that the seed is short to type.
    if flags.seed == nil { options.seed = try System.entropy() >> 32 }
    for _ in 0..<testCount {
      let exitCode = try run(program, options, on: console)
      options.seed &+= 1
      guard exitCode == .success else { throw exitCode }
    }
  }

  private func run(_ program: Program, _ options: TestOptions, on console: Console) throws -> ExitCode {
    console.report("Seed: \(options.seed)")
    guard let workload = WorkloadRegistry.workload(options) else {
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
      command: command(seed: options.seed), isCheckedForDefault: flags.consistencyModels == nil,
      writesEDN: flags.edn, records: .streamed(directory.makeMessageFile()))
    return try carryOut(run, program, conclusion)
  }

  /// The command line with the run's seed. If a flag is given twice, the last one counts.
  private func command(seed: UInt64) -> String {
    var words = Array(CommandLine.arguments.dropFirst())
    if flags.seed?.text != String(seed) {
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
    guard case .streamed(let messages) = conclusion.records else {
      preconditionFailure("the messages of real processes are streamed")
    }
    let session = try TestSession(
      run, program: program, directory: conclusion.directory, messages: messages, console: conclusion.console,
      flags: logs)
    switch try session.run() {
    case .finished: return conclusion.judge()
    case .failed(let report):
      return conclusion.explain(report.description, code: .notCarriedOut)
    case .interrupted(let signal):
      return conclusion.explain(
        "The run was interrupted by signal \(signal).", code: ExitCode(interruptedBy: signal))
    }
  }
}
