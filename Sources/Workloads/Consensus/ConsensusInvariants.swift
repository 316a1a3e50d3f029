package import EddyNode
import EddyRaft
package import EddyTiming

/// Checks the invariants of ``Raft`` in a simulated cluster whose state Raft replicates.
///
///     let invariants = ConsensusInvariants()
///     let cluster = Simulation(nodes: 3, seed: 7) { invariants.watch(LinKV()) }
///     cluster.advance(by: .seconds(1))
///     #expect(invariants.violation(running: [0, 1, 2], at: cluster.now) == nil)
package final class ConsensusInvariants {
  private var hosts: [any RaftHandler] = []
  private var invariants = RaftInvariants()

  package init() {}

  /// Watches a node from its start. Returns the handler.
  package func watch(_ handler: any Handler) -> any Handler {
    if let handler = handler as? any ReplicatedHandler { hosts.append(handler.host) }
    return handler
  }

  /// What does not hold now, in words; nil if all do.
  ///
  /// - Parameters:
  ///   - running: The indices of the nodes that run. Their clocks show `now`.
  package func violation(running: [Int], at now: Instant) -> String? {
    var latest: [Int: Raft] = [:]
    for host in hosts { if let raft = host.raft { latest[raft.id] = raft } }
    return invariants.check(running.compactMap { latest[$0] }) { _ in now }
  }
}
