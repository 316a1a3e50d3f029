public import EddyHistory
import EddyNetwork
public import EddyReport
public import EddyRun
import EddyTiming

extension Recording {
  /// A run of real processes, with what each wrote on standard error.
  ///
  /// - Complexity: O(messages + log lines).
  public init(_ run: TestRun, logs: [[String]]) {
    self.init(run, logs: logs, marks: LogText.marks(of: logs, origin: run.origin))
  }

  /// A run in virtual time, with what its nodes logged.
  ///
  /// - Complexity: O(messages + log lines).
  public init(_ run: TestRun, log: [LogLine]) {
    let marks = log.map { line in
      LogLine(
        time: Instant(nanoseconds: (line.time - run.origin).nanoseconds), node: line.node, text: line.text)
    }
    self.init(run, logs: log.byNode(of: run.options.nodes.count), marks: marks)
  }

  private init(_ run: TestRun, logs: [[String]], marks: [LogLine]) {
    self.init(
      nodes: run.options.nodes, concurrency: run.options.concurrency, history: run.history,
      messages: Array(run.network.journal.records(since: run.origin)), logs: logs, marks: marks)
    let omission = run.network.journal.omission(nodes: run.options.nodes, operations: run.progress.invoked)
    notes = omission.map { [$0] } ?? []
  }
}
