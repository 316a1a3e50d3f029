import EddyTiming

/// What a node knows of its leader's presence. It outlives roles.
struct LeaderContact {
  /// The leader of the current term, if it has been heard.
  var leader: Int?
  /// The latest term in which this node may have followed a leader, and that leader, unless it has forgotten it.
  private(set) var latest: (leader: Int?, term: Int)?
  /// From when the promise not to vote for another counts: the last append, or the start of a node that cannot
  /// know when that was.
  private var promisedSince: Instant?
  private var lastHeard: Instant?
  /// Whether the leader has said that it falls silent.
  var isQuiet = false
  /// When this node stops believing in a leader; nil while it has no reason to.
  var suspicion: Instant?
  /// The longest time between two appends lately. It shrinks by an eighth with each.
  private var longestGap = Duration.zero
  /// How many campaigns of this node have failed since it last heard a leader.
  var failedCampaigns = 0
  /// Requests for a vote that are answered when this node, too, suspects the leader.
  var heldRequests: [HeldRequest] = []

  struct HeldRequest {
    var candidate: Int
    var term: Int
    var request: RaftMessage.VoteRequest
  }

  init(start: Instant) { suspicion = start }

  /// How much of a gap a network with varying latency may add before the leader is suspected.
  private static let gapFactor = (numerator: 3, denominator: 2)
  /// The longest time without an append before the leader is suspected.
  private static let longestPatience = Duration.seconds(4)

  /// Notes that a process before this one may have followed a leader up to `term`.
  mutating func forgetLeader(term: Int) { latest = (nil, term) }

  /// Makes the node keep the promise of a process before it.
  mutating func inheritPromise(at start: Instant) { promisedSince = start }

  /// Until when this node votes for nobody else.
  func promise(_ options: RaftOptions) -> Instant {
    promisedSince.map { $0 + options.electionLease } ?? .zero
  }

  /// How long an append may be missing.
  func patience(_ options: RaftOptions) -> Duration {
    let gap = longestGap * Self.gapFactor.numerator / Self.gapFactor.denominator
    return max(options.electionLease, min(gap, Self.longestPatience))
  }

  /// Notes that this node itself leads.
  mutating func lead(_ node: Int, term: Int) {
    leader = node
    latest = (node, term)
    failedCampaigns = 0
    heldRequests = []
  }

  /// Notes an append or a piece of a snapshot.
  mutating func hear(_ leader: Int, term: Int, at now: Instant, _ options: RaftOptions) {
    if let lastHeard, !isQuiet, latest?.term == term { longestGap = max(now - lastHeard, longestGap * 7 / 8) }
    self.leader = leader
    latest = (leader, term)
    lastHeard = now
    promisedSince = now
    isQuiet = false
    failedCampaigns = 0
    suspicion = now + patience(options)
    heldRequests = []
  }
}
