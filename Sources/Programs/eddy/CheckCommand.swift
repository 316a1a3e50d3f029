import ArgumentParser
import EddyCheckers
import EddyEventLoop
import EddyHistory
import EddyNode
import EddyReport
import EddyRun
import EddySimulation
import EddyStore

/// Judges a history that is stored.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Judges a stored history anew.",
    discussion: """
      PATH is the directory of a run, Eddy's or Maelstrom's, or a history file: JSON lines or EDN, compressed \
      by gzip or not. A history that is cut off is judged as far as it goes. The exit codes are those of \
      `eddy test`.

      The page is written into the run's own directory if Eddy wrote it, else into a new directory of the store.
      """)

  @Argument(help: "The directory of a run, or a history file.")
  var path: String

  /// Each of these is what the run's own options say, unless it is given.
  @Option(.workload, without: "what the run's options or the path name")
  var workload: PlanArgument?

  @Option(.consistencyModels, without: "those of the run, else strict-serializable")
  var consistencyModels: PlanArgument?

  @Option(.availability, without: "the run's")
  var availability: PlanArgument?

  @Option(help: ArgumentHelp("Where the page and the results go.", valueName: "directory"))
  var output: String?

  @Option(help: ArgumentHelp("The store that a new directory is made in.", valueName: "directory"))
  var store = "store"

  @Flag(help: "Write history.edn and results.edn too, which Jepsen's tools read.")
  var edn = false

  func run() throws {
    let console = Console()
    let stored = try StoredRun(path: path)
    for warning in stored.warnings { console.print("Warning: \(warning).") }
    let options = try options(stored)
    guard let checker = WorkloadRegistry.workload(options)?.checker else {
      throw ValidationError(
        "\(path) is of \(options.workload), which cannot be judged yet, unlike "
          + WorkloadRegistry.names.joined(separator: ", "))
    }
    let history = stored.recording.history
    try refuseOtherWorkloads(options.workload, history)
    let results = Results(
      history: history, network: stored.network, availability: options.availability, workload: checker)
    let directory = try directory(stored, options)
    try directory.write(results)
    if edn { try directory.writeEDN(history, results) }
    try directory.write(
      Report(stored.recording, results: results, options: described(stored, options), command: command))
    console.report(results.verdict + "Page: \(directory.path)/index.html")
    throw ExitCode(results.validity)
  }

  private var command: String {
    (["eddy"] + CommandLine.arguments.dropFirst().map(\.shellQuoted)).joined(separator: " ")
  }

  /// What decides the verdict: the flags, else what the run's options say.
  private func options(_ stored: StoredRun) throws -> TestOptions {
    guard let workload = workload?.text ?? stored.workload else {
      throw ValidationError("--workload is needed: nothing in \(path) names it")
    }
    let nodes = stored.recording.nodes
    do throws(OptionError) {
      // Of a run's options those count that decide the verdict; the others may be Maelstrom's.
      let deciding = [PlanOption.consistencyModels.name, PlanOption.availability.name]
      var plan = try SimulationPlan(
        json: JSONObject(stored.options.filter { deciding.contains($0.key) }.map { ($0.key, $0.value) }))
      try plan.apply(PlanArgument.texts(of: self))
      plan.options.workload = workload
      plan.options.nodes = nodes.isEmpty ? ["n0"] : nodes
      plan.options.concurrency = stored.recording.concurrency
      return plan.options
    } catch {
      throw ValidationError("\(path): \(error)")
    }
  }

  /// A history of another workload would be found valid by a checker that looks for nothing in it, or
  /// invalid by one that takes its values for its own.
  private func refuseOtherWorkloads(_ workload: String, _ history: History) throws {
    let known = WorkloadRegistry.functions(of: workload)
    var others: Set<String> = []
    for operation in history.clientOperations where !known.contains(operation.function) {
      others.insert(operation.function)
    }
    guard !others.isEmpty else { return }
    throw ValidationError(
      "\(path) is no history of \(workload), whose operations are \(known.joined(separator: ", ")): it has "
        + others.sorted().prefix(8).joined(separator: ", "))
  }

  private func directory(_ stored: StoredRun, _ options: TestOptions) throws -> RunDirectory {
    if let output { return try RunDirectory(at: output) }
    if let own = stored.ownDirectory { return try RunDirectory(at: own) }
    let directory = try RunDirectory(store: store, workload: options.workload, time: System.wallClockNow)
    try directory.write(stored.recording.history)
    try directory.write(options, with: ["checked": .string(path)])
    return directory
  }

  /// What the page says of the run: its options where they are known, and what it was checked for.
  private func described(_ stored: StoredRun, _ options: TestOptions) -> JSONObject {
    var described = stored.options
    described["workload"] = .string(options.workload)
    described["checked"] = .string(path)
    described["consistency-models"] = .array(options.consistencyModels.map { .string($0.rawValue) })
    return described
  }
}
