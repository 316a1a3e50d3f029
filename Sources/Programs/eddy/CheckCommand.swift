import ArgumentParser
import EddyCheckers
import EddyEventLoop
import EddyHistory
import EddyNode
import EddyReport
import EddyRun
import EddySimulation
import EddyStore

/// Checks a stored history.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks a stored history again.",
    discussion: """
      PATH is the directory of a run, Eddy's or Maelstrom's, or a history file: JSON lines or EDN, compressed \
      by gzip or not. A truncated history is checked as far as it goes. The exit codes are those of 'eddy test'.

      The page is written into the run's own directory if Eddy wrote that, or else into a new directory of the store.
      """)

  @Argument(help: "The directory of a run, or a history file.")
  var path: String

  /// The following flags override the run's own options.
  @Option(.workload, without: "the one that the run's options or the path name")
  var workload: PlanArgument?

  @Option(.consistencyModels, without: "those of the run, or else strict-serializable")
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
        "\(path) is a history of \(options.workload), which eddy cannot check. It can check "
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
    console.report(results.consoleText + "Page: \(directory.path)/index.html")
    throw ExitCode(results.validity)
  }

  private var command: String {
    (["eddy"] + CommandLine.arguments.dropFirst().map(\.shellQuoted)).joined(separator: " ")
  }

  /// The options that affect the verdict: those given by flags, or else the run's.
  private func options(_ stored: StoredRun) throws -> TestOptions {
    guard let workload = workload?.text ?? stored.workload else {
      throw ValidationError("--workload is required: nothing in \(path) names the workload")
    }
    let nodes = stored.recording.nodes
    do throws(OptionError) {
      // Only the options that affect the verdict are read; the others may be Maelstrom's.
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

  /// Refuses a history with operations of another workload. A checker would ignore them or misread their
  /// values.
  private func refuseOtherWorkloads(_ workload: String, _ history: History) throws {
    let known = WorkloadRegistry.functions(of: workload)
    var others: Set<String> = []
    for operation in history.clientOperations where !known.contains(operation.function) {
      others.insert(operation.function)
    }
    guard others.isEmpty else {
      throw ValidationError(
        "\(path) is not a history of \(workload): it has \(others.sorted().prefix(8).joined(separator: ", ")); "
          + "the operations of \(workload) are \(known.joined(separator: ", "))")
    }
    // Both workloads of transactions have one function, txn.
    let writes = [TxnRWRegisterWorkload.name: "append", TxnListAppendWorkload.name: "w"]
    if let other = writes[workload], history.clientOperations.contains(where: { $0.hasStep(other) }) {
      throw ValidationError(
        "\(path) is not a history of \(workload): its transactions have the micro-operation \(other), "
          + "as those of \(writes.keys.sorted().first { $0 != workload } ?? "") have")
    }
  }

  private func directory(_ stored: StoredRun, _ options: TestOptions) throws -> RunDirectory {
    if let output { return try RunDirectory(at: output) }
    if let own = stored.ownDirectory { return try RunDirectory(at: own) }
    let directory = try RunDirectory(store: store, workload: options.workload, time: System.wallClockNow)
    try directory.write(stored.recording.history)
    try directory.write(options, with: ["checked": .string(path)])
    return directory
  }

  /// The options that the page shows: the run's, as far as they are known, and what it was checked for.
  private func described(_ stored: StoredRun, _ options: TestOptions) -> JSONObject {
    var described = stored.options
    described["workload"] = .string(options.workload)
    described["checked"] = .string(path)
    described["consistency-models"] = .array(options.consistencyModels.map { .string($0.rawValue) })
    return described
  }
}

extension Operation {
  /// Whether it is a transaction with a micro-operation of this name.
  fileprivate func hasStep(_ name: String) -> Bool {
    guard let value, value.bytes.containsString(name) else { return false }
    guard case .array(let operations) = value.decoded() else { return false }
    return operations.contains { $0[0] == .string(name) }
  }
}

extension String.UTF8View {
  /// Whether a string of JSON with this text, which needs no escapes, may be among the bytes. A comparison of bytes:
  /// a long history has hundreds of megabytes of them.
  fileprivate func containsString(_ text: String) -> Bool {
    let sought = Array("\"\(text)\"".utf8)
    let isFound = withContiguousStorageIfAvailable { bytes in
      guard bytes.count >= sought.count else { return false }
      return (0...(bytes.count - sought.count)).contains { start in
        bytes[start] == sought[0] && (1..<sought.count).allSatisfy { bytes[start + $0] == sought[$0] }
      }
    }
    return isFound ?? true
  }
}
