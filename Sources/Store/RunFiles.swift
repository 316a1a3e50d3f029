public import EddyCheckers
public import EddyHistory
import EddyNetwork
public import EddyNode
public import EddyReport
public import EddyRun
import EddySimulation
import EddyTiming

/// Writes the files of a run that is over.
///
/// An error in one file, such as a full disk, does not prevent the others from being written: the first error is
/// kept as ``problem``.
public struct RunFiles {
  /// Where the messages and logs of a run are when it is over.
  public enum Records {
    /// Messages are in the run's journal, logs in files of the directory: a run of real processes.
    case inJournal
    /// Messages were streamed to this file during the run, logs are in files of the directory.
    case streamed(MessageFile)
    /// Messages are in the run's journal, logs here: a simulated run.
    case inMemory(log: [LogLine])
  }

  private let run: TestRun
  private let directory: RunDirectory
  private let command: String
  private let facts: JSONObject
  /// The first error; nil if there was none.
  public private(set) var problem: StoreError?
  /// Why streamed messages cannot be read back, so that they are in no picture; nil if they can.
  public private(set) var unreadableMessages: StoredRunError?

  /// - Parameters:
  ///   - run: A run that is over.
  ///   - directory: Where the files go.
  ///   - command: The command that repeats the run, for the page.
  ///   - facts: Members of `options.json` beside the options.
  public init(of run: TestRun, in directory: RunDirectory, command: String = "", facts: JSONObject = [:]) {
    self.run = run
    self.directory = directory
    self.command = command
    self.facts = facts
  }

  /// Writes options, history, messages and the logs that are in memory. Returns the recording of them.
  public mutating func writeRun(_ records: Records) -> Recording {
    // The start of operations on the nodes' clock is known only now.
    var facts = facts
    facts["origin"] = .integer(run.origin.nanoseconds)
    let omission = run.network.journal.omission(nodes: run.options.nodes, operations: run.progress.invoked)
    facts["notes"] = omission.map { [.string($0)] }
    write { [run] (directory) throws(StoreError) in try directory.write(run.options, with: facts) }
    write { [run] (directory) throws(StoreError) in try directory.write(run.history) }
    let recording: Recording
    switch records {
    case .inMemory(let log):
      let names = run.options.nodes
      for (name, lines) in zip(names, log.byNode(of: names.count)) {
        write { (directory) throws(StoreError) in try directory.write(log: lines, of: name) }
      }
      recording = Recording(run, log: log)
    case .inJournal:
      recording = Recording(
        run, messages: Array(run.network.journal.records(since: run.origin)), logs: logs)
    case .streamed(let file):
      return Recording(run, messages: complete(file), logs: logs)
    }
    write { (directory) throws(StoreError) in try directory.write(recording.messages) }
    return recording
  }

  /// Writes the results, and the page with its pictures.
  ///
  /// - Parameters:
  ///   - results: The results of the run.
  ///   - recording: What the pictures show of it.
  ///   - notes: Sentences that the page shows before the verdict.
  ///   - edn: Whether to write Jepsen's files too.
  public mutating func write(
    _ results: Results, of recording: Recording, notes: [String] = [], edn: Bool = false
  ) {
    write { (directory) throws(StoreError) in try directory.write(results) }
    if edn { write { [run] (directory) throws(StoreError) in try directory.writeEDN(run.history, results) } }
    write(
      Report(recording, results: results, notes: notes, options: run.options.json, command: command))
  }

  /// Writes why the run could not be carried out, instead of results, and the page.
  public mutating func write(failure reason: String, of recording: Recording) {
    write { (directory) throws(StoreError) in try directory.write(withoutResultsBecause: reason) }
    write(
      Report(recording, results: nil, failure: reason, options: run.options.json, command: command))
  }

  private mutating func write(_ report: Report) {
    write { (directory) throws(StoreError) in try directory.write(report) }
  }

  /// Writes the records that have not been streamed yet, and reads all of them back.
  private mutating func complete(_ file: MessageFile) -> [MessageRecord] {
    file.append(run.network.journal.records(since: run.origin))
    file.close()
    problem = problem ?? file.problem
    do {
      return try directory.readMessages(isWhole: file.problem == nil) ?? []
    } catch {
      unreadableMessages = error
      return []
    }
  }

  private var logs: [[String]] { run.options.nodes.map { directory.log(of: $0) } }

  private mutating func write(_ body: (RunDirectory) throws(StoreError) -> Void) {
    do throws(StoreError) {
      try body(directory)
    } catch {
      problem = problem ?? error
    }
  }
}

extension RunDirectory {
  /// Checks a run of real processes that is over, and writes all its files. Returns the results.
  ///
  /// Throws the first error in writing a file, after it has written the others.
  ///
  /// - Parameters:
  ///   - run: A run that is over.
  ///   - checker: The workload's own checker.
  ///   - command: The command that repeats the run, for the page.
  public func conclude(
    _ run: TestRun, checker: any Checker, command: String = ""
  ) throws(StoreError) -> Results {
    var files = RunFiles(of: run, in: self, command: command)
    let recording = files.writeRun(.inJournal)
    let results = Results(of: run, checker: checker).explained(by: recording)
    files.write(results, of: recording)
    if let problem = files.problem { throw problem }
    return results
  }
}
