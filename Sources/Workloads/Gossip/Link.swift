import EddyTiming

/// What a node knows of one peer.
struct Link {
  /// The peer's latest incarnation, as far as is known; nil before anything was heard of it. All that is
  /// said below of what the peer has, or has had from this node, is of that one.
  private(set) var incarnation: Int?
  /// Whether the peer has shown that it knows this node's incarnation.
  var knowsThisNode = false

  /// What the peer has said that it has.
  private(set) var acknowledged = VersionVector()
  /// What it has been sent, or is taken to have had from others. Nothing below is sent again,
  /// unless it is not acknowledged in time.
  private(set) var sent = VersionVector()

  /// Origins of which the peer has sent entries that it has not seen acknowledged.
  var owed: Set<Int> = []
  /// When the oldest of them came.
  var owedSince: Instant?

  /// A network may be cut before anything was measured. To doubt a slow one for once costs each node a message
  /// to each other, to wait for a second costs what is published in it a second.
  var roundTrip = RoundTripEstimator(initialTimeout: .milliseconds(500))
  /// Of the peer's rounds, if it is the parent.
  var lateness = LatenessEstimator()
  /// The stamp of the peer's latest message, and when it came; sent back so that the peer can
  /// measure the round trip without synchronized clocks.
  var latestStamp: (stamp: Int, at: Instant)?
  var lastHeard: Instant?
  var lastSent: Instant?
  /// The stamp of what it was sent last.
  var lastSentStamp: Int = 0
  /// When the latest message was sent of which the peer has proved that it came through.
  var lastProved: Instant?

  /// The peer's parent in the tree, as it last said.
  var parent: Int?
  /// What the peer last said of its place in the tree.
  var route: Route?

  /// The number of the next round to the peer, and of the one expected from it.
  var nextRound = 0
  var expectedRound = 0

  /// When entries were last sent that it has not acknowledged; nil if it has all it was sent.
  var unacknowledgedSince: Instant?
  /// When to send again what it has not acknowledged.
  var retryAt: Instant?
  /// How often that has been done in vain.
  var retries = 0

  /// What the peer has asked for and not been answered yet.
  private(set) var question: Question?

  /// When to ask for what the peer has and this node lacks; nil if that is nothing.
  private(set) var pullAt: Instant?
  /// How often that has been done in vain.
  private var pulls = 0

  /// Whether a tick has to look at this link: the peer owes an answer, or is owed one, or has something.
  var isPending: Bool { retryAt != nil || owedSince != nil || question != nil || pullAt != nil }

  /// When the peer was found not to answer; nil if it answers.
  var suspectedAt: Instant?
  /// When it was last asked for what is missing here.
  var lastAsked: Instant?

  /// Notes that entries of `origin` came, which the peer wants to see acknowledged.
  mutating func owe(_ origin: Int, since now: Instant) {
    owed.insert(origin)
    owedSince = owedSince ?? now
  }

  /// Notes that the peer wants an answer. Returns whether it asks for more than it did before.
  mutating func beAsked(forAll: Bool) -> Bool {
    let asked: Question = forAll || question == .all ? .all : .news
    defer { question = asked }
    return question != asked
  }

  /// Notes that all acknowledgements have been sent, and thereby an answer.
  mutating func settleDebts() {
    question = nil
    owed.removeAll(keepingCapacity: true)
    owedSince = nil
  }

  /// Notes that entries were sent just now. The peer may keep its acknowledgement to itself for
  /// `patience` after the last of them, and for twice as long after the first.
  private mutating func awaitAcknowledgement(since now: Instant, patience: Duration) {
    let oldest = unacknowledgedSince ?? now
    unacknowledgedSince = oldest
    retryAt = min(now + patience, oldest + patience * 2) + roundTrip.timeout
  }

  /// The number of the round about to be sent.
  mutating func takeRoundNumber() -> Int {
    defer { nextRound += 1 }
    return nextRound
  }

  /// Waits for nothing any more.
  mutating func forgive() {
    unacknowledgedSince = nil
    retryAt = nil
    retries = 0
  }

  /// Notes the peer's incarnation. If it has started anew all is forgotten that the one before it had, said
  /// or was asked. Returns whether it has.
  mutating func meet(_ incarnation: Int) -> Bool {
    guard let known = self.incarnation, incarnation > known else {
      self.incarnation = self.incarnation ?? incarnation
      return false
    }
    self.incarnation = incarnation
    knowsThisNode = false
    acknowledged = VersionVector()
    sent = VersionVector()
    settleDebts()
    forgive()
    stopPulling()
    (latestStamp, lastProved) = (nil, nil)
    (nextRound, expectedRound) = (0, 0)
    return true
  }

  /// Notes that something has been acknowledged. If something else has not, the wait for that
  /// begins when the latest was sent.
  mutating func acknowledge() {
    if acknowledged.covers(sent) {
      forgive()
    } else if unacknowledgedSince != nil {
      unacknowledgedSince = lastSent
    }
  }

  /// Notes that the peer has `versions` and nothing else, whatever it was taken to have.
  mutating func has(exactly versions: VersionVector) {
    acknowledged = versions
    rewind()
  }

  /// Takes everything that is not acknowledged for lost, and waits for nothing until it is sent again.
  mutating func rewind() {
    sent = acknowledged
    unacknowledgedSince = nil
    retryAt = nil
  }

  /// Takes the peer for having what somebody else has, until it says itself what it has.
  mutating func presume(_ versions: VersionVector, since now: Instant, patience: Duration) {
    guard !sent.covers(versions) else { return }
    sent.merge(versions)
    awaitAcknowledgement(since: now, patience: patience)
  }

  /// Notes that everything up to `versions` was sent just now.
  mutating func markSent(_ versions: VersionVector, at now: Instant, patience: Duration) {
    sent.merge(versions)
    awaitAcknowledgement(since: now, patience: patience)
  }

  /// Notes that the peer has the first `count` entries of `origin`.
  mutating func has(_ origin: Int, _ count: Int) {
    acknowledged.raise(origin, to: count)
    sent.raise(origin, to: count)
  }

  /// Notes that an origin's local number is given to another.
  mutating func reset(_ origin: Int) {
    acknowledged.reset(origin)
    sent.reset(origin)
  }
}

// MARK: - Pulling

extension Link {
  /// Notes whether the peer has something that this node, which has `versions`, lacks. Most often that is
  /// on its way: it is pulled if it has not come by `due`.
  mutating func noteLack(of versions: VersionVector, pullAt due: Instant) {
    if versions.covers(acknowledged) { stopPulling() } else if pullAt == nil { pullAt = due }
  }

  /// Notes that the peer was asked, and is asked again later if it does not answer: after a round trip's
  /// time-out, then after ever longer, `longest` at most.
  mutating func notePull(at now: Instant, longest: Duration) {
    pullAt = now + min(roundTrip.timeout * (1 << min(pulls, 4)), max(longest, roundTrip.timeout))
    pulls += 1
  }

  private mutating func stopPulling() { (pullAt, pulls) = (nil, 0) }
}

/// What a peer can ask for.
enum Question {
  /// What it was not sent yet.
  case news
  /// How much of everything is here, too.
  case all
}

/// What a node last knew of its root when it sent something up to it.
struct AwaitedRoot {
  var route: Route
  var since: Instant
  /// Whether the parent has been asked for news of the root.
  var isAsked = false
}

/// A node's place in the tree that rounds run along.
struct Route: Equatable {
  /// The node at the top: its rounds are the clock.
  var root: Int
  /// The number of hops to it.
  var depth: Int
  /// The root's stamp when it was last heard of, over however many hops.
  var rootStamp: Int

  /// Whether its root is the same, and has been heard of later.
  func isLater(than other: Route?) -> Bool {
    other.map { root == $0.root && rootStamp > $0.rootStamp } ?? false
  }
}
