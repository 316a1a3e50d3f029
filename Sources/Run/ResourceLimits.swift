import EddyHistory
package import EddyNetwork

/// Limits on the memory and disk that the nodes of a run use. A run that exceeds one fails with an
/// explanation.
///
/// They are far above what nodes need that keep up with their messages. Without them, nodes that send or log
/// without end would fill the machine before the run is over.
package struct ResourceLimits: Sendable {
  /// The number of messages that nodes may send at one instant. With zero latency, nodes that answer each
  /// other for ever would otherwise keep a simulation's clock from advancing.
  package var messagesPerInstant = 200_000
  /// The messages in flight at a time. For comparison: a cluster of 25 nodes that gossips with 100 ms of
  /// latency has a few hundred.
  package var inFlight = NetworkLoad(messages: 500_000, bytes: 256 << 20)
  /// The total unread input of all nodes, in bytes. A paused node reads it when it resumes.
  package var unreadInput = 128 << 20
  /// The total length of all log files, in bytes.
  package var logFiles = 512 << 20
  /// The total length of all logs of a simulated run, which are in memory, in bytes.
  package var logsInMemory = 64 << 20

  /// The default limits; tests set lower ones.
  package init() {}
}

extension TestRun {
  /// The number of last messages that are inspected to name the largest sender.
  private static let inspectedMessageCount = 1000

  /// Sentences on how many messages each node has sent, for a failure caused by messages; nil for others.
  func traffic(of cause: RunFailure.Cause) -> String? {
    let details: String?
    switch cause {
    case .messagesInFlight:
      details = context.network.countInFlight().topSender.map { "Of those in flight \($0)." }
    case .endlessExchange, .unreadInput:
      let last = context.network.journal.last(Self.inspectedMessageCount)
      details = last.topSender.map { "Of the last \(last.count.grouped) \($0)." }
    default: return nil
    }
    let senders = context.network.journal.senders(nodes: options.nodes, operations: progress.invoked)
    return [senders, details].compactMap { $0 }.joined(separator: " ")
  }
}
