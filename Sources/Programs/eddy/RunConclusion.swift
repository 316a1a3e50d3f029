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
  /// What to know of the verdict, in sentences: the console and the page say it before.
  var notes: [String] = []
  /// Whether transactions are checked for Maelstrom's default because nobody asked for anything.
  var isCheckedForDefault = false
  /// Whether Jepsen's tools are to read the run: `--edn`.
  let writesEDN: Bool
  /// What the nodes of a simulated run logged; that of others is in their files.
  var log: [LogLine]?
  /// Where the messages of a run of real processes have been streamed; nil for a simulated run.
  var messages: MessageFile?

  /// Judges a run that came to its end.
  ///
  /// The verdict is not the files': a disk that is full keeps it from nobody, and does not change the
  /// exit code.
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
    console.report(String(results.verdict.dropLast()))
    if let missing = run.history.missingFaults(among: run.options.faults) { console.report(missing) }
    files.write { () throws(StoreError) in try directory.write(results) }
    if writesEDN {
      files.write { () throws(StoreError) in try directory.writeEDN(run.history, results) }
    }
    files.write { () throws(StoreError) in try directory.write(report(recording, results, notes)) }
    console.report(files.closing(directory))
    return ExitCode(results.validity)
  }

  /// Explains why a run did not, and keeps what there is of it.
  func explain(_ reason: String, code: ExitCode) -> ExitCode {
    console.print(reason)
    var files = Files()
    let recording = record(&files)
    files.write { () throws(StoreError) in try directory.write(withoutResultsBecause: reason) }
    files.write { () throws(StoreError) in try directory.write(report(recording, nil, failure: reason)) }
    console.print(files.closing(directory))
    return code
  }

  /// Writes the files of a simulated run, and says what came of it.
  func conclude() -> ExitCode {
    if case .failed(let failure) = run.phase { return explain("\(failure)", code: .notCarriedOut) }
    return judge()
  }

  /// Writes what happened, and returns it.
  private func record(_ files: inout Files) -> Recording {
    // Where operations began on the nodes' clock is known only now.
    var facts = facts
    facts["origin"] = .integer(run.origin.nanoseconds)
    let omission = run.network.journal.omission(nodes: run.options.nodes, operations: run.progress.invoked)
    facts["notes"] = omission.map { [.string($0)] }
    files.write { () throws(StoreError) in try directory.write(run.options, with: facts) }
    files.write { () throws(StoreError) in try directory.write(run.history) }
    let recording: Recording
    if let log {
      let names = run.options.nodes
      for (name, lines) in zip(names, log.byNode(of: names.count)) {
        files.write { () throws(StoreError) in try directory.write(log: lines, of: name) }
      }
      recording = Recording(run, log: log)
    } else {
      recording = Recording(
        run, messages: completeMessages(&files), logs: run.options.nodes.map { directory.log(of: $0) })
    }
    if messages == nil { files.write { () throws(StoreError) in try directory.write(recording.messages) } }
    return recording
  }

  /// Writes the records that have not been streamed, and reads all of them back.
  private func completeMessages(_ files: inout Files) -> [MessageRecord] {
    guard let messages else { return [] }
    messages.append(run.network.journal.records(since: run.origin))
    messages.close()
    files.write { () throws(StoreError) in if let problem = messages.problem { throw problem } }
    do {
      return try directory.readMessages(isWhole: messages.problem == nil) ?? []
    } catch {
      console.print("The messages are not drawn: \(error)")
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

/// How the writing of a run's files goes: one that cannot be written does not keep back the others.
private struct Files {
  private var problem: StoreError?

  mutating func write(_ body: () throws(StoreError) -> Void) {
    do throws(StoreError) {
      try body()
    } catch {
      problem = problem ?? error
    }
  }

  /// The last line of a run: where its page is, or why it is not there as a whole.
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
      command: command, notes: notes, writesEDN: writesEDN, log: outcome.log)
  }
}
