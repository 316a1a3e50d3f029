import ArgumentParser
import EddyCheckers
import EddyEventLoop
import EddyHistory
import EddyNetwork
import EddyNode
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
  /// The messages and logs of the run.
  let records: Records

  /// Where the messages and logs of a run are when it is over.
  enum Records {
    /// Those of real processes are in files; messages have been streamed to this one.
    case streamed(MessageFile)
    /// Those of a simulated run are in memory: messages in the run's journal, logs here.
    case inMemory(log: [LogLine])
  }

  /// Checks a finished run and writes its files.
  ///
  /// An error in writing a file, such as a full disk, affects neither the verdict nor the exit code.
  func judge() -> ExitCode {
    var files = Files()
    let recording = record(&files)
    let results = Results(
      history: run.history, network: run.network.statistics, availability: run.options.availability,
      workload: checker
    ).explained(by: recording)
    let notes = notes + noteOnDefault(results)
    for note in recording.notes { console.report(note) }
    for note in notes { console.report("Note: \(note)") }
    console.report(String(results.consoleText.dropLast()))
    if let missing = run.history.missingFaults(among: run.options.faults) { console.report(missing) }
    files.write { () throws(StoreError) in try directory.write(results) }
    if writesEDN {
      files.write { () throws(StoreError) in try directory.writeEDN(run.history, results) }
    }
    files.write { () throws(StoreError) in try directory.write(report(recording, results, notes)) }
    console.report(files.closing(directory))
    return ExitCode(results.validity)
  }

  /// Reports why a run could not be carried out, and writes the files that exist.
  func explain(_ reason: String, code: ExitCode) -> ExitCode {
    console.print(reason)
    var files = Files()
    let recording = record(&files)
    files.write { () throws(StoreError) in try directory.write(withoutResultsBecause: reason) }
    files.write { () throws(StoreError) in try directory.write(report(recording, nil, failure: reason)) }
    console.print(files.closing(directory))
    return code
  }

  /// Concludes a simulated run, whether it finished or failed.
  func conclude() -> ExitCode {
    if case .failed(let failure) = run.phase { return explain("\(failure)", code: .notCarriedOut) }
    return judge()
  }

  /// Writes options, history, logs and messages. Returns the recording of them.
  private func record(_ files: inout Files) -> Recording {
    // The start of operations on the nodes' clock is known only now.
    var facts = facts
    facts["origin"] = .integer(run.origin.nanoseconds)
    let omission = run.network.journal.omission(nodes: run.options.nodes, operations: run.progress.invoked)
    facts["notes"] = omission.map { [.string($0)] }
    files.write { () throws(StoreError) in try directory.write(run.options, with: facts) }
    files.write { () throws(StoreError) in try directory.write(run.history) }
    let recording: Recording
    switch records {
    case .inMemory(let log):
      let names = run.options.nodes
      for (name, lines) in zip(names, log.byNode(of: names.count)) {
        files.write { () throws(StoreError) in try directory.write(log: lines, of: name) }
      }
      recording = Recording(run, log: log)
      files.write { () throws(StoreError) in try directory.write(recording.messages) }
    case .streamed(let messages):
      recording = Recording(
        run, messages: complete(messages, &files), logs: run.options.nodes.map { directory.log(of: $0) })
    }
    return recording
  }

  /// Writes the records that have not been streamed yet, and reads all of them back.
  private func complete(_ messages: MessageFile, _ files: inout Files) -> [MessageRecord] {
    messages.append(run.network.journal.records(since: run.origin))
    messages.close()
    files.write { () throws(StoreError) in if let problem = messages.problem { throw problem } }
    do {
      return try directory.readMessages(isWhole: messages.problem == nil) ?? []
    } catch {
      console.print("Messages are not drawn: \(error)")
      return []
    }
  }

  private func noteOnDefault(_ results: Results) -> [String] {
    guard isCheckedForDefault, checker is RWRegisterChecker, results.workload.validity == .invalid else {
      return []
    }
    return [RWRegisterChecker.noteOnDefault(run.history)]
  }

  private func report(
    _ recording: Recording, _ results: Results?, _ notes: [String] = [], failure: String? = nil
  ) -> Report {
    Report(
      recording, results: results, failure: failure, notes: notes, options: run.options.json, command: command
    )
  }
}

/// Writes the files of a run and keeps the first error. An error does not prevent the other files from being
/// written.
private struct Files {
  private var problem: StoreError?

  mutating func write(_ body: () throws(StoreError) -> Void) {
    do throws(StoreError) {
      try body()
    } catch {
      problem = problem ?? error
    }
  }

  /// The last line of a run: the path of its page, or the first error.
  func closing(_ directory: RunDirectory) -> String {
    guard let problem else { return "Page: \(directory.path)/index.html" }
    return "The files of this run are not complete: \(problem)"
  }
}

extension RunConclusion {
  init(
    simulated outcome: SimulationOutcome, directory: RunDirectory, console: Console, notes: [String],
    writesEDN: Bool
  ) {
    let command = outcome.plan.command
    var facts: JSONObject = ["replay": .string(command)]
    for (key, value) in outcome.plan.json where outcome.plan.options.json[key] == nil { facts[key] = value }
    self.init(
      run: outcome.run, checker: outcome.checker, directory: directory, console: console, facts: facts,
      command: command, notes: notes, writesEDN: writesEDN, records: .inMemory(log: outcome.log))
  }
}
