import EddyHistory
package import EddyNetwork

/// How much of memory and disk the nodes of a run may take up. A run that exceeds one of these fails, in words.
///
/// They are far above what a run needs whose nodes keep up with their messages. Without them, nodes that send or
/// log without end would fill the machine before the run is over.
package struct RunLimits: Sendable {
  /// How many messages nodes may send at one instant. Nodes that answer each other for ever would, at
  /// zero latency, never let a simulation's clock go on.
  package var burst = 200_000
  /// What may be on its way at a time. A cluster of 25 that gossips with 100 ms of latency has a few hundred
  /// messages under way.
  package var underWay = NetworkLoad(messages: 500_000, bytes: 256 << 20)
  /// How many bytes all nodes together may leave unread. A node that is paused finds all of it when it goes on.
  package var unreadInput = 128 << 20
  /// How many bytes all nodes together may log to files.
  package var logFiles = 512 << 20
  /// How many bytes all nodes of a simulated run, whose logs are in memory, may log together.
  package var logsInMemory = 64 << 20

  /// The limits of every run but those of tests.
  package init() {}
}

extension TestRun {
  /// How many of the messages that were sent last say who is to blame.
  private static let telling = 1000

  /// Who sent how many messages, if the failure is about that.
  func traffic(of cause: RunFailure.Cause) -> String? {
    let details: String?
    switch cause {
    case .messagesUnderWay:
      details = context.network.countUnderWay().blame.map { "Of those under way \($0)." }
    case .endlessExchange, .unreadInput:
      let last = context.network.journal.last(Self.telling)
      details = last.blame.map { "Of the last \(last.count.grouped) \($0)." }
    default: return nil
    }
    let senders = context.network.journal.senders(nodes: options.nodes, operations: progress.invoked)
    return [senders, details].compactMap { $0 }.joined(separator: " ")
  }
}
