import ArgumentParser
import EddyCheckers
import EddyEventLoop
import EddyHistory
import EddyNetwork
import EddyNode
import EddyProcessCluster
import EddyReport
import EddyRun
import EddySimulation
import EddyStore
import EddyTiming

/// The steps after a run: write its files, check it, print the verdict, return the exit code.
struct RunConclusion {
  let run: TestRun
  let checker: any Checker
  let directory: RunDirectory
  let console: Console
  /// Members of `options.json` beside the options.
  let facts: JSONObject
  /// The command that repeats the run.
  let command: String
  /// Notes on the verdict, in sentences. Console and page show them before it.
  var notes: [String] = []
  /// Whether transactions are checked for Maelstrom's default because no consistency model was given.
  var isCheckedForDefault = false
  /// Whether to write Jepsen's files too: `--edn`.
  let writesEDN: Bool
  /// Where the messages and logs of the run are.
  let records: RunFiles.Records
  /// Whether programs in virtual time would do the same again; nil for other runs.
  var reproducibility: Reproducibility?

  /// Checks a finished run and writes its files.
  ///
  /// An error in writing a file, such as a full disk, affects neither the verdict nor the exit code.
  func judge() -> ExitCode {
    var (files, recording) = writeRun()
    var results = Results(of: run, checker: checker).explained(by: recording)
    results.reproducibility = reproducibility?.json
    let notes = notes + noteOnDefault(results) + noteOnReproducibility
    for note in recording.notes { console.report(note) }
    for note in notes { console.report("Note: \(note)") }
    console.report(String(results.consoleText.dropLast()))
    if let missing = run.history.missingFaults(among: run.options.faults) { console.report(missing) }
    files.write(results, of: recording, notes: notes, edn: writesEDN)
    console.report(lastLine(files))
    if let reproducibility { console.report("reproducible: \(reproducibility)") }
    return ExitCode(results.validity)
  }

  /// Reports why a run could not be carried out, and writes the files that exist.
  func explain(_ reason: String, code: ExitCode) -> ExitCode {
    console.print(reason)
    var (files, recording) = writeRun()
    files.write(failure: reason, of: recording)
    console.print(lastLine(files))
    return code
  }

  /// Notes on what depended on more than the seed, and on what the programs were refused.
  private var noteOnReproducibility: [String] {
    guard let reproducibility else { return [] }
    let doubt =
      reproducibility.isCertain
      ? [] : ["This run may not be reproducible: \(reproducibility.description.dropFirst(4))."]
    return doubt + reproducibility.remarks.map { "Virtual time: \($0)." }
  }

  private func writeRun() -> (RunFiles, Recording) {
    var files = RunFiles(of: run, in: directory, command: command, facts: facts)
    let recording = files.writeRun(records)
    if let error = files.unreadableMessages { console.print("Messages are not drawn: \(error)") }
    return (files, recording)
  }

  /// The last line of a run: the path of its page, or the first error.
  private func lastLine(_ files: RunFiles) -> String {
    guard let problem = files.problem else { return "Page: \(directory.path)/index.html" }
    return "The files of this run are not complete: \(problem)"
  }

  private func noteOnDefault(_ results: Results) -> [String] {
    guard isCheckedForDefault, results.workload.validity == .invalid,
      let checker = checker as? any TransactionChecker
    else { return [] }
    return [type(of: checker).noteOnDefault(run.history)]
  }
}

extension RunConclusion {
  init(
    simulated outcome: SimulationOutcome, directory: RunDirectory, console: Console, notes: [String],
    isCheckedForDefault: Bool, writesEDN: Bool
  ) {
    let command = outcome.plan.command
    var facts: JSONObject = ["replay": .string(command)]
    for (key, value) in outcome.plan.json where outcome.plan.options.json[key] == nil { facts[key] = value }
    self.init(
      run: outcome.run, checker: outcome.checker, directory: directory, console: console, facts: facts,
      command: command + Self.comment(outcome.reproducibility), notes: notes,
      isCheckedForDefault: isCheckedForDefault, writesEDN: writesEDN,
      records: .inMemory(log: outcome.log), reproducibility: outcome.reproducibility)
  }

  /// What the page adds to the command: whether it repeats the run, as a comment of the shell.
  private static func comment(_ reproducibility: Reproducibility?) -> String {
    guard let reproducibility else { return "" }
    return "\nreproducible: \(reproducibility)".replacing("\n", with: "\n# ")
  }

  /// Concludes a simulated run, whether it finished or failed.
  func conclude(_ outcome: SimulationOutcome) -> ExitCode {
    guard case .failed(let failure) = run.phase else { return judge() }
    guard outcome.reproducibility != nil else { return explain("\(failure)", code: .notCarriedOut) }
    let node = run.options.nodes.firstIndex(of: failure.node)
    let report = FailureReport(
      failure, unfinishedLine: outcome.unfinishedLine,
      log: outcome.log.filter { $0.node == node }.map(\.text),
      logPath: "\(directory.nodeLogs)/\(failure.node).log")
    return explain("\(report)", code: .notCarriedOut)
  }
}
