import ArgumentParser
import EventLoop
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

  private func writeRecords() throws(StoreError) {
    try directory.write(run.history)
    try directory.write(run.network.journal, since: run.origin)
  }
}
