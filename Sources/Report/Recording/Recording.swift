public import EddyHistory
public import EddyNetwork
import EddyTiming

/// The data of a run that reports and diagrams show: nodes, history, messages and logs.
///
/// All times are relative to the start of operations, as in the history. A recording is made from a finished
/// run or from its files.
public struct Recording: Sendable {
  /// The names of the nodes, in the order of the cluster.
  public var nodes: [String]
  /// The number of client threads. Thread `p % concurrency` runs process `p`.
  public var concurrency: Int
  public var history: History
  /// The messages, in the order of their sends.
  public var messages: [MessageRecord]
  /// The log lines of each node, in the order of ``nodes``.
  public var logs: [[String]]
  /// The log lines with a known time.
  public var marks: [LogLine]
  /// Sentences about missing messages.
  public var notes: [String] = []

  public init(
    nodes: [String], concurrency: Int, history: History, messages: [MessageRecord], logs: [[String]] = [],
    marks: [LogLine] = []
  ) {
    precondition(concurrency > 0, "the concurrency must be positive")
    self.nodes = nodes
    self.concurrency = concurrency
    self.history = history
    self.messages = messages
    self.logs = logs
    self.marks = marks
  }
}
