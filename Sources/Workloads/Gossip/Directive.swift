import EddyTiming

extension Gossip {
  /// What a step of the protocol asks for. Steps change the state and return directives;
  /// ``Gossip/carryOut(_:on:)`` alone sends, delivers, sets timers and logs.
  enum Directive {
    /// Send a message to a peer. The state says already that it was sent. Indirect, because a message is large:
    /// all directives would take its size.
    indirect case send(GossipMessage, to: Int)
    /// Hand consecutive entries of an origin, given by its local index, to the workload.
    case deliver([ReplicatedLog.Entry], origin: Int)
    /// Tell the workload how many of this node's entries another node has proved to have.
    case reportReplication(Int)
    /// Set a timer, instead of the one of this kind that is set.
    case arm(Timer, at: Instant)
    case disarm(Timer)
    case log(Event)

    func isMessage(to peer: Int) -> Bool { if case .send(_, peer) = self { true } else { false } }
  }

  /// What a node waits for: one timer each. When it is due stands in the state.
  enum Timer: Hashable {
    /// ``RoundSchedule/roundDue``.
    case round
    /// ``RoundSchedule/batchDue``.
    case batch
    /// ``RoundSchedule/answer``.
    case answer
    /// ``TreeMembership/Election/deadline``.
    case election
    /// A reply to a peer that has asked for everything, when others that have lost their parent at the same
    /// moment have said what they have, too.
    case reply(to: Int)
  }

  /// What a node tells those who run it.
  enum Event {
    case suspects(parent: Int)
    case follows(parent: Int, root: Int)
    case becomesRoot
  }
}
