import ArgumentParser
import EventLoop
import Node
import Store
import Workbench

/// What remains to be done when a run is over: its files, the verdict, the exit code.
struct RunConclusion {
  let run: TestRun
  let checker: any Checker
  let directory: RunDirectory
  let console: Console

  /// Judges a run that came to its end.
  func judge() throws -> ExitCode {
    try writeRecords()
    let results = Results(
      history: run.history, network: run.network.statistics, availability: run.options.availability,
      workload: checker)
    try directory.write(results)
    console.report(results.verdict + "Files: \(directory.path)")
    return ExitCode(results.validity)
  }

  /// Explains why a run did not, and keeps what there is of it.
  func explain(_ reason: String, code: ExitCode) throws -> ExitCode {
    try writeRecords()
    try directory.write(withoutResultsBecause: reason)
    console.print(reason)
    console.print("Files: \(directory.path)")
    return code
  }

  /// Writes the files of a simulated run, and says what came of it.
  func conclude() throws -> ExitCode {
    if case .failed(let failure) = run.phase { return try explain("\(failure)", code: .notCarriedOut) }
    return try judge()
  }

  private func writeRecords() throws(StoreError) {
    try directory.write(run.history)
    try directory.write(run.network.journal, since: run.origin)
  }
}

extension RunConclusion {
  init(simulated outcome: SimulationOutcome, directory: RunDirectory, console: Console) throws {
    self.init(run: outcome.run, checker: outcome.checker, directory: directory, console: console)
    try directory.write(outcome.plan.options, with: ["replay": .string(outcome.plan.command)])
    for (node, name) in outcome.run.options.nodes.enumerated() {
      try directory.write(log: outcome.log.filter { $0.node == node }.map(\.text), of: name)
    }
  }
}
