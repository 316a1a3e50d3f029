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
  /// What decided the run beside its options, for `options.json`.
  let others: JSONObject
  /// What to type to run it again.
  let command: String

  /// Judges a run that came to its end.
  func judge() throws -> ExitCode {
    let results = Results(
      history: run.history, network: run.network.statistics, availability: run.options.availability,
      workload: checker)
    try directory.write(results)
    try writeRecords(results)
    console.report(results.verdict + "Report: \(directory.path)/index.html")
    return ExitCode(results.validity)
  }

  /// Explains why a run did not, and keeps what there is of it.
  func explain(_ reason: String, code: ExitCode) throws -> ExitCode {
    try directory.write(withoutResultsBecause: reason)
    try writeRecords(nil, failure: reason)
    console.print(reason)
    console.print("Report: \(directory.path)/index.html")
    return code
  }

  private func writeRecords(_ results: Results?, failure: String? = nil) throws(StoreError) {
    var options = run.options.json
    for (key, value) in others { options[key] = value }
    // On the clock that the nodes' logs show.
    options["origin"] = .integer(run.origin.nanoseconds)
    try directory.write(options: options)
    try directory.write(run.history)
    try directory.write(run.network.journal, since: run.origin)
    let logs = run.options.nodes.map { StoredRun.log(of: $0, directory.path) }
    let report = Report(
      Recording(run, logs: logs), results: results, failure: failure, options: options, command: command)
    for (name, text) in report.files { try directory.write(text, to: name) }
  }
}

extension RunConclusion {
  /// Of a simulated run.
  init(_ outcome: SimulationOutcome, directory: RunDirectory, console: Console) throws(StoreError) {
    let command = outcome.plan.command
    self.init(
      run: outcome.run, checker: outcome.checker, directory: directory, console: console,
      others: ["replay": .string(command)], command: command)
    let names = outcome.run.options.nodes
    for (name, lines) in zip(names, outcome.log.byNode(of: names.count)) {
      try directory.write(log: lines, of: name)
    }
  }

  /// Judges a simulated run, or explains why there is nothing to judge.
  func conclude() throws -> ExitCode {
    if case .failed(let failure) = run.phase { return try explain("\(failure)", code: .notCarriedOut) }
    return try judge()
  }
}
