/// What can be chosen, in units. All nodes of a cluster have the same options: the leases rely on it.
public struct RaftOptions: Sendable {
  /// The least time between two rounds of a leader, unless all known clients wait. Longer: fewer messages, and
  /// commands wait longer for company.
  public var window = Duration.milliseconds(200)
  /// How long a node that has heard the leader does not vote for another. Longer: a leader's lease survives more
  /// lost messages, and a dead leader is replaced later.
  public var electionLease = Duration.milliseconds(500)
  /// How long a follower may read locally from the stamp that the leader granted. A follower that falls silent
  /// delays commits by as much.
  public var readLease = Duration.milliseconds(600)
  /// How much faster a node's clock may run than another's, in thousandths. The leases are safe as long as
  /// clocks differ by less.
  public var clockDrift = 10
  /// For how long after the last command or read the leader renews leases; after that the cluster is silent. For as
  /// long a node that has sent commands is expected to send more, so that a round waits for them.
  public var activityMemory = Duration.seconds(2)
  /// How long a leader that hears no majority remains one (thesis, section 6.2).
  public var quorumTimeout = Duration.seconds(2)
  /// The time between the candidacies of two nodes, so that they do not split the votes.
  public var candidateSlot = Duration.milliseconds(150)
  /// How long before a node stops waiting for the leader it asks the others whether they would vote for it.
  public var campaignLead = Duration.milliseconds(100)
  /// The interval of messages to a follower that does not answer.
  public var probeInterval = Duration.milliseconds(400)
  /// The most bytes of commands in one message, and of a piece of a snapshot.
  public var messageLimit = 1 << 18
  /// The most bytes of commands that a node keeps waiting.
  public var queueLimit = 1 << 26
  /// How many bytes of log make a snapshot worthwhile.
  public var compactionThreshold = 1 << 22

  public init() {}

  /// The shortest that `duration` may appear on another clock, and what a lease's holder relies on.
  func shortened(_ duration: Duration) -> Duration { duration * (1000 - clockDrift) / 1000 }

  /// The longest that `duration` may take on another clock, and what the giver of a lease waits for.
  func lengthened(_ duration: Duration) -> Duration { duration * (1000 + clockDrift) / 1000 }
}
