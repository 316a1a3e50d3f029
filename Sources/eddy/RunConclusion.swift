import ArgumentParser
import EventLoop
import Node
import Store
import Timing
import Workbench

/// What remains to be done when a run is over: its files, the verdict, the exit code.
struct RunConclusion {
  let run: TestRun
  let checker: any Checker
  let directory: RunDirectory
  let console: Console
  /// What decided the run beside its options.
  let facts: JSONObject
  /// What to type to run it again.
  let command: String
  /// Whether Jepsen's tools are to read the run: `--edn`.
  let writesEDN: Bool
  /// What the nodes of a simulated run logged; that of others is in their files.
  var log: [LogLine]?

  /// Judges a run that came to its end.
  func judge() throws -> ExitCode {
    let recording = try record()
    let results = Results(
      history: run.history, network: run.network.statistics, availability: run.options.availability,
      workload: checker)
    try directory.write(results)
    if writesEDN { try directory.writeEDN(run.history, results) }
    for note in recording.notes { console.report(note) }
    try write(recording, results)
    console.report(results.verdict + "Files: \(directory.path)")
    return ExitCode(results.validity)
  }

  /// Explains why a run did not, and keeps what there is of it.
  func explain(_ reason: String, code: ExitCode) throws -> ExitCode {
    let recording = try record()
    try directory.write(withoutResultsBecause: reason)
    try write(recording, nil, failure: reason)
    console.print(reason)
    console.print("Files: \(directory.path)")
    return code
  }

  /// Writes the files of a simulated run, and says what came of it.
  func conclude() throws -> ExitCode {
    if case .failed(let failure) = run.phase { return try explain("\(failure)", code: .notCarriedOut) }
    return try judge()
  }

  /// Writes what happened, and returns it.
  private func record() throws(StoreError) -> Recording {
    // Where operations began on the nodes' clock is known only now.
    var facts = facts
    facts["origin"] = .integer(run.origin.nanoseconds)
    let omission = run.network.journal.omission(operations: run.progress.invoked)
    facts["notes"] = omission.map { [.string($0)] }
    try directory.write(run.options, with: facts)
    try directory.write(run.history)
    let recording =
      if let log {
        Recording(run, log: log)
      } else {
        Recording(run, logs: run.options.nodes.map { directory.log(of: $0) })
      }
    try directory.write(recording.messages)
    return recording
  }

  private func write(
    _ recording: Recording, _ results: Results?, failure: String? = nil
  ) throws(StoreError) {
    try directory.write(
      Report(recording, results: results, failure: failure, options: run.options.json, command: command))
  }
}

extension RunConclusion {
  init(
    simulated outcome: SimulationOutcome, directory: RunDirectory, console: Console, writesEDN: Bool
  ) throws {
    let command = outcome.plan.command
    self.init(
      run: outcome.run, checker: outcome.checker, directory: directory, console: console,
      facts: ["replay": .string(command)], command: command, writesEDN: writesEDN,
      log: outcome.log)
    let names = outcome.run.options.nodes
    for (name, lines) in zip(names, outcome.log.byNode(of: names.count)) {
      try directory.write(log: lines, of: name)
    }
  }
}
