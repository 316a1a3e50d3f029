/// A message between two nodes. Each carries its sender's term.
public struct RaftMessage: Hashable, Sendable {
  public var term: Int
  public var body: Body
  /// Between which nodes the message goes by way of another one; nil if it goes directly.
  public var route: Route?
  /// How the sender hears the receiver; nil if it hears it, or does not know.
  public var hearing: Hearing?

  public init(term: Int, _ body: Body) {
    self.term = term
    self.body = body
  }

  /// From where to where a message goes that a third node passes on.
  public struct Route: Hashable, Sendable {
    public var origin: Int
    public var destination: Int

    public init(origin: Int, destination: Int) {
      self.origin = origin
      self.destination = destination
    }
  }

  /// How a node hears another that it does not hear directly.
  public enum Hearing: Hashable, Sendable {
    /// Not at all.
    case nothing
    /// By way of this node.
    case through(Int)
  }

  public enum Body: Hashable, Sendable {
    /// A leader's round: entries, what is committed, leases.
    case append(Append)
    /// A follower's answer to an append or a piece of a snapshot, or commands that it forwards of its own accord.
    case report(Report)
    /// A candidate asks for a vote, or whether it would get one.
    case voteRequest(VoteRequest)
    /// The answer.
    case vote(Vote)
    /// A piece of a snapshot for a follower that lacks entries which the leader no longer has.
    case snapshot(SnapshotPiece)
    /// The leader asks a follower to be elected at once (thesis, section 3.10).
    case transfer
  }

  /// Instants are microseconds of the clock of the node that is named; no other node interprets them.
  public struct Append: Hashable, Sendable {
    /// The place before the first of `entries`.
    public var previous: Position
    public var entries: [Entry]
    /// The leader's commit index.
    public var commit: Int
    /// When the leader sent this, by its own clock.
    public var stamp: Int
    /// The stamp of a report of the receiver's: it may read locally for the length of a read lease from then on.
    public var grant: Int?
    /// Read requests of the receiver up to this number may be served once `commit` is applied.
    public var confirmedRead: Int?
    /// Whether the leader falls silent now, as there is nothing to do.
    public var isQuiet: Bool

    public init(
      previous: Position, entries: [Entry], commit: Int, stamp: Int, grant: Int?, confirmedRead: Int?,
      isQuiet: Bool
    ) {
      self.previous = previous
      self.entries = entries
      self.commit = commit
      self.stamp = stamp
      self.grant = grant
      self.confirmedRead = confirmedRead
      self.isQuiet = isQuiet
    }
  }

  public struct Report: Hashable, Sendable {
    /// What became of the entries that the report answers.
    public enum Outcome: Hashable, Sendable {
      /// It answers none.
      case none
      /// The log agrees with the leader's up to this index, durably.
      case matches(Int)
      /// The log does not agree at the index `previous` of the append. It may agree at this place, or before.
      case differs(at: Int, hint: Position)
      /// So many bytes of the snapshot at this index have arrived.
      case snapshot(Int, received: Int)
    }

    public var outcome: Outcome
    /// The stamp of the append that it answers, or of the latest one of this term; 0 if there is none.
    public var echo: Int
    /// When the follower sent this, by its own clock.
    public var stamp: Int
    /// Commands of the follower's clients that are not in its log.
    public var batch: Batch?
    /// Whether all clients of the follower that were heard of lately wait for commands or reads.
    public var isComplete: Bool
    /// The number of the follower's latest read request; 0 if none waits.
    public var read: Int
    /// Whether the follower has served clients since its last report.
    public var isActive: Bool
    /// Whether the follower has lost its vote, so that its answers do not count for a majority.
    public var isLearner: Bool

    public init(
      outcome: Outcome, echo: Int, stamp: Int, batch: Batch?, isComplete: Bool, read: Int, isActive: Bool,
      isLearner: Bool
    ) {
      self.outcome = outcome
      self.echo = echo
      self.stamp = stamp
      self.batch = batch
      self.isComplete = isComplete
      self.read = read
      self.isActive = isActive
      self.isLearner = isLearner
    }
  }

  public struct VoteRequest: Hashable, Sendable {
    /// The place of the candidate's last entry.
    public var last: Position
    /// Whether the candidate asks beforehand. Then the message's term is the one it would have.
    public var isPreliminary: Bool
    /// Whether the leader has asked for this election, so that no promise to it stands against it.
    public var isTransfer: Bool

    public init(last: Position, isPreliminary: Bool, isTransfer: Bool) {
      self.last = last
      self.isPreliminary = isPreliminary
      self.isTransfer = isTransfer
    }
  }

  public struct Vote: Hashable, Sendable {
    /// The request's `last`: an answer to an earlier request does not count.
    public var last: Position
    public var isPreliminary: Bool
    public var isGranted: Bool
    /// The latest leader that the voter has followed, and its term; nil if there is none.
    public var leader: Int?
    public var leaderTerm: Int

    public init(last: Position, isPreliminary: Bool, isGranted: Bool, leader: Int?, leaderTerm: Int) {
      self.last = last
      self.isPreliminary = isPreliminary
      self.isGranted = isGranted
      self.leader = leader
      self.leaderTerm = leaderTerm
    }
  }

  public struct SnapshotPiece: Hashable, Sendable {
    public var position: Position
    public var sessions: [Int]
    /// Where `bytes` stand in the data, and how long all of it is.
    public var offset: Int
    public var total: Int
    public var bytes: [UInt8]
    /// When the leader sent this, by its own clock.
    public var stamp: Int

    public init(
      position: Position, sessions: [Int], offset: Int, total: Int, bytes: [UInt8], stamp: Int
    ) {
      self.position = position
      self.sessions = sessions
      self.offset = offset
      self.total = total
      self.bytes = bytes
      self.stamp = stamp
    }
  }
}

extension RaftMessage {
  /// Whether the message can come from a node of a cluster of `count`. Anything else is ignored.
  func isWellFormed(count: Int) -> Bool {
    guard term >= 0, isRouteWellFormed(count: count) else { return false }
    switch body {
    case .append(let append):
      return append.previous.isWellFormed && append.commit >= 0
        && append.entries.allSatisfy { $0.term <= term && $0.batch?.isWellFormed(count: count) ?? true }
    case .report(let report):
      let isOutcomeWellFormed =
        switch report.outcome {
        case .none: true
        case .matches(let index): index >= 0
        case .differs(let index, let hint): index >= 0 && hint.isWellFormed
        case .snapshot(let index, let received): index >= 0 && received >= 0
        }
      return isOutcomeWellFormed && report.batch?.isWellFormed(count: count) ?? true
    case .voteRequest(let request): return request.last.isWellFormed
    case .vote(let vote): return vote.leader.map((0..<count).contains) ?? true
    case .snapshot(let piece):
      return piece.position.isWellFormed && piece.sessions.count == count && piece.offset >= 0
        && piece.total >= 0 && piece.sessions.allSatisfy { (0...Batch.greatestNumber).contains($0) }
    case .transfer: return true
    }
  }
}

extension RaftMessage {
  private func isRouteWellFormed(count: Int) -> Bool {
    if case .through(let relay) = hearing, !(0..<count).contains(relay) { return false }
    guard let route else { return true }
    return route.origin != route.destination && (0..<count).contains(route.origin)
      && (0..<count).contains(route.destination)
  }
}

extension Position {
  fileprivate var isWellFormed: Bool { term >= 0 && index >= 0 }
}

extension Batch {
  /// Numbers begin with microseconds of a clock, and sums of them must not overflow.
  fileprivate static let greatestNumber = Int.max / 2

  fileprivate func isWellFormed(count: Int) -> Bool {
    (0..<count).contains(origin) && session > 0 && first >= session && !commands.isEmpty
      && first <= Self.greatestNumber - commands.count
  }
}
