public import Timing

/// What of a run is drawn and reported: who took part, what clients did, what the network carried
/// and what the nodes logged.
///
/// All times count from the start of operations, as in the history. A recording is made from a
/// finished run, or from the files that one left.
public struct Recording: Sendable {
  /// The nodes' names in the cluster's order.
  public var nodes: [String]
  /// How many client threads there were: process `p` is run by thread `p` modulo this.
  public var concurrency: Int
  public var history: History
  /// Every message, in the order of sending.
  public var messages: [MessageRecord]
  /// What each node logged, line by line, in the order of ``nodes``.
  public var logs: [[String]]
  /// The start of operations on the clock that the logs show.
  public var logOrigin: Instant

  public init(
    nodes: [String], concurrency: Int, history: History, messages: [MessageRecord], logs: [[String]] = [],
    logOrigin: Instant = .zero
  ) {
    precondition(concurrency > 0, "somebody must run the processes")
    self.nodes = nodes
    self.concurrency = concurrency
    self.history = history
    self.messages = messages
    self.logs = logs
    self.logOrigin = logOrigin
  }

  /// A run as its driver leaves it.
  ///
  /// - Parameters:
  ///   - logs: What each node logged, its times read from the clock that drove the run.
  /// - Complexity: O(messages).
  public init(_ run: TestRun, logs: [[String]]) {
    self.init(
      nodes: run.options.nodes, concurrency: run.options.concurrency, history: run.history,
      messages: Array(run.network.journal.records(since: run.origin)), logs: logs, logOrigin: run.origin)
  }
}
