public import EddyHistory
public import EddyNetwork
import EddyTiming

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
  /// Those of the lines of which is known when they were written.
  public var marks: [LogLine]
  /// What of the messages is not there, in sentences.
  public var notes: [String] = []

  public init(
    nodes: [String], concurrency: Int, history: History, messages: [MessageRecord], logs: [[String]] = [],
    marks: [LogLine] = []
  ) {
    precondition(concurrency > 0, "somebody must run the processes")
    self.nodes = nodes
    self.concurrency = concurrency
    self.history = history
    self.messages = messages
    self.logs = logs
    self.marks = marks
  }
}
