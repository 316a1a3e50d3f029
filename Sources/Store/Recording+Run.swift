public import EddyHistory
public import EddyNetwork
public import EddyReport
public import EddyRun
import EddyTiming

extension Recording {
  /// A run of real processes, with what each wrote on standard error.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - messages: The records that were streamed while it went on.
  ///   - logs: What each node wrote, line by line, in the order of the nodes.
  /// - Complexity: O(messages + log lines).
  public init(_ run: TestRun, messages: [MessageRecord], logs: [[String]]) {
    self.init(run, messages: messages, logs: logs, marks: LogText.marks(of: logs, origin: run.origin))
  }

  /// A run in virtual time, with what its nodes logged.
  ///
  /// - Complexity: O(messages + log lines).
  public init(_ run: TestRun, log: [LogLine]) {
    let marks = log.map { line in
      LogLine(
        time: Instant(nanoseconds: (line.time - run.origin).nanoseconds), node: line.node, text: line.text)
    }
    self.init(
      run, messages: Array(run.network.journal.records(since: run.origin)),
      logs: log.byNode(of: run.options.nodes.count), marks: marks)
  }

  private init(_ run: TestRun, messages: [MessageRecord], logs: [[String]], marks: [LogLine]) {
    self.init(
      nodes: run.options.nodes, concurrency: run.options.concurrency, history: run.history,
      messages: messages, logs: logs, marks: marks)
    let omission = run.network.journal.omission(nodes: run.options.nodes, operations: run.progress.invoked)
    notes = omission.map { [$0] } ?? []
  }
}
