import EddyTiming

/// What a leader knows of one follower, and what it has promised it.
///
/// It has more than ten stored properties because a follower is a replica, a voter, a reader and a source of
/// commands at once, and each of these is a few numbers.
struct Progress {
  enum State: Equatable {
    /// Appends are sent one after the other, before the last is answered.
    case replicating
    /// The place where the logs agree is being looked for: one append at a time, without entries.
    case probing
    /// A snapshot is being sent: so many bytes have arrived.
    case snapshot(received: Int)
  }

  var state = State.replicating
  /// The last index at which the follower's durable log is known to agree.
  var match = 0
  /// The index of the next entry to send.
  var next: Int
  /// The last index of each append that is not answered.
  var inFlight: [Int] = []
  /// The commit index that the follower was last told.
  var toldCommit = 0
  var lastSent: Instant?
  var lastReport: Instant
  /// The latest stamp of this leader's that the follower has echoed; nil before the first.
  var echo: Int?
  /// A stamp of the follower's that no grant has used.
  var stamp: Int?
  /// Until when the follower may read locally, by this leader's clock.
  var grantedUntil: Instant?
  /// The number of a read request that is confirmed, to be told with the next append.
  var confirmedRead: Int?
  /// The stamp of the append that has told the last confirmation.
  var confirmationStamp = 0
  /// The greatest number of a read request that was noted.
  var notedRead = 0
  var isLearner = false
  /// Whether all clients of the follower wait for what it has asked for.
  var isComplete = false
  /// When it last sent commands, and the index of the last entry that they made.
  var lastProposal: Instant?
  var lastBatchIndex = 0

  /// How many appends with entries may be under way to a follower.
  private static let inFlightLimit = 8

  init(next: Int, at now: Instant) {
    self.next = next
    lastReport = now
  }

  /// Whether another append with entries may be sent.
  var hasRoom: Bool { state == .replicating && inFlight.count < Self.inFlightLimit }

  /// Whether the follower has not answered for so long that it is only probed.
  func isSilent(at now: Instant, _ options: RaftOptions) -> Bool {
    guard let lastSent, lastSent > lastReport else { return false }
    return now - lastReport > options.probeInterval * 2
  }

  /// Whether the follower's clients may be expected to ask for something.
  func isSource(at now: Instant, _ options: RaftOptions) -> Bool {
    lastProposal.map { now - $0 <= options.activityMemory } ?? false
  }

  /// Notes that the logs agree up to `index`.
  mutating func noteMatch(_ index: Int) {
    match = max(match, index)
    inFlight.removeAll { $0 <= index }
    if state != .replicating {
      state = .replicating
      next = match + 1
      inFlight = []
    }
    next = max(next, match + 1)
  }

  /// Begins to look for the place where the logs agree, at `index` at most.
  mutating func probe(at index: Int) {
    state = .probing
    next = max(match + 1, index)
    inFlight = []
    toldCommit = min(toldCommit, match)
  }
}
