public import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
public import EddyRun
import EddySimulation
import EddyTiming

extension RunDirectory {
  /// Judges a run of real processes that has finished, and writes all its files. Returns the verdict.
  ///
  /// - Parameters:
  ///   - run: A run that has finished.
  ///   - checker: The workload's own.
  ///   - command: What to type to run it again, for the page.
  public func conclude(
    _ run: TestRun, checker: any Checker, command: String = ""
  ) throws(StoreError) -> Results {
    let messages = Array(run.network.journal.records(since: run.origin))
    let recording = Recording(run, messages: messages, logs: run.options.nodes.map { log(of: $0) })
    let results = Results(
      history: run.history, network: run.network.statistics, availability: run.options.availability,
      workload: checker
    ).explained(by: recording)
    try write(run.options, with: ["origin": .integer(run.origin.nanoseconds)])
    try write(run.history)
    try write(messages)
    try write(results)
    try write(Report(recording, results: results, options: run.options.json, command: command))
    return results
  }
}
