import EddyTiming

/// When rounds go down the tree, when batches go up, and when the parent's answer is overdue. One timer each.
///
/// It holds times and knows no peers: who lacks what, and how long messages take, it is told.
///
/// It has more than ten stored variables because rounds down, batches up and answers are one schedule: each is planned
/// by the times of the others.
struct RoundSchedule {
  /// What to do now about a round or a batch.
  enum Action: Equatable {
    /// Nothing: a timer is set already, or an answer will take it along.
    case none
    /// Send it now.
    case send
    /// Set the timer.
    case wait(until: Instant)
  }

  /// What a round says of the rounds after it.
  struct Announcement: Equatable {
    /// How long until the next is due.
    var next: Duration
    /// Whether the next comes in any case, with entries or without: a keepalive.
    var isKeepalivePromised: Bool
    /// Whether this round is due, and not before its time.
    var isDue = true
  }

  /// When the parent's answer is overdue.
  struct Answer: Equatable {
    var deadline: AnswerDeadline
    /// The stamp of the message that asked for the answer at once; nil if none did.
    var askedAt: Timestamp?
  }

  private let options: Gossip.Options

  // Down, at a root.
  /// When the latest round was sent that was due; rounds before their time do not count.
  private(set) var lastRound: Instant?
  /// When the latest round of any kind was sent.
  private var lastSent: Instant?
  /// How many rounds have followed one another without a gap.
  private var consecutiveRounds = 0
  private(set) var roundDue: Instant?

  // Down, at a child.
  /// When the parent's next round is due.
  private(set) var nextFromParent: Instant?
  /// How long before that a batch has to be at the parent, which passes it up in turn.
  private(set) var batchOffset = Duration.zero
  /// When the children are sent what came otherwise than with a round; nil if nothing did.
  private var passDownDue: Instant?
  /// Whether the latest round from here promised another.
  private(set) var isKeepalivePromised = false

  // Up.
  private(set) var batchDue: Instant?
  private(set) var answer: Answer?
  /// Whether entries are here that are late already, because a node has lost its parent or found a new one.
  var hasUrgentEntries = false

  init(_ options: Gossip.Options) { self.options = options }
}

// MARK: - Rounds of a root

extension RoundSchedule {
  /// Plans a round because there is something to send: at once, or a window after the latest. Urgent entries
  /// go before that.
  mutating func planRound(at now: Instant) -> Action {
    var due = nextRound ?? now
    if hasUrgentEntries { due = min(due, urgentDue(after: lastSent, at: now)) }
    if let roundDue, roundDue <= due { return .none }
    guard due > now else {
      roundDue = nil
      return .send
    }
    roundDue = due
    return .wait(until: due)
  }

  /// When the round after the latest is due; nil if there was none.
  var nextRound: Instant? { lastRound.map { $0 + options.window } }

  /// When urgent entries go, after the `latest` message that could have carried them: others that became
  /// urgent at the same moment go with them, and there is not more than one such message a tick.
  func urgentDue(after latest: Instant?, at now: Instant) -> Instant {
    max(now + options.gatheringDelay, (latest ?? .zero) + options.tick)
  }

  /// Notes that the round's timer has come.
  mutating func takeRoundTimer() { roundDue = nil }

  /// What the round says that a root sends now. An early round does not postpone the next, for which batches are
  /// on their way.
  ///
  /// - Parameter hasEntries: Whether the round has anything to say. The first that has not ends the series.
  mutating func announceRound(at now: Instant, hasEntries: @autoclosure () -> Bool) -> Announcement {
    hasUrgentEntries = false
    let next = nextRound ?? now
    guard next <= now else {
      return Announcement(next: next - now, isKeepalivePromised: isKeepalivePromised, isDue: false)
    }
    consecutiveRounds = now - next < options.halfWindow ? consecutiveRounds + 1 : 0
    let isSeries = options.areRoundsRare && consecutiveRounds >= options.keepaliveThreshold
    return Announcement(next: options.window, isKeepalivePromised: isSeries && hasEntries())
  }

  /// Notes that a round was sent to at least one child.
  mutating func noteRoundSent(_ announcement: Announcement, at now: Instant) {
    lastSent = now
    if announcement.isDue { lastRound = now }
  }

  /// Notes what the round says that goes out now, from a root or a child. Returns whether it ends a series:
  /// then no entries will carry the acknowledgements of the latest ones.
  mutating func promise(_ isPromised: Bool) -> Bool {
    defer { isKeepalivePromised = isPromised }
    return isKeepalivePromised && !isPromised
  }
}

// MARK: - Rounds of a parent

extension RoundSchedule {
  /// What a round of the parent shows.
  struct Arrival: Equatable {
    /// How much later than announced it came; nil if that says nothing of the parent's punctuality.
    var lateness: Duration?
    /// Whether a batch still waits for the slot of this round.
    var hasBatchMissedSlot: Bool
  }

  /// Takes a round of the parent, which says when the next one is due.
  ///
  /// - Parameter isNewerContact: Whether the root was heard of since the round before. Only then an empty
  ///   round that was promised is passed on, or it would circulate in a circle of parents.
  mutating func takeRound(_ round: GossipMessage.Round, at now: Instant, isNewerContact: Bool) -> Arrival {
    let next = now + round.due
    let arrival = Arrival(lateness: lateness(at: now), hasBatchMissedSlot: isBatchLate(forRoundBefore: next))
    nextFromParent = next
    batchOffset = round.batchOffset
    batchDue = nil
    isKeepalivePromised = isKeepalivePromised && isNewerContact
    passDownDue = nil
    return arrival
  }

  /// Where no answer is awaited the parent may only have been idle.
  private func lateness(at now: Instant) -> Duration? {
    guard answer != nil, let expected = nextFromParent, now - expected < options.halfWindow else {
      return nil
    }
    return now - expected
  }

  /// Whether a batch still waits for the slot of the round that is here. By a slow clock, or with late timers,
  /// it would do so every time, and never leave.
  private func isBatchLate(forRoundBefore next: Instant) -> Bool {
    guard let batchDue, let expected = nextFromParent else { return false }
    return batchDue < expected && next > expected + options.halfWindow
  }

  /// Notes that entries came otherwise than with a round that is passed on. Where traffic is sparse no round
  /// may follow.
  mutating func notePassDown(at now: Instant) {
    passDownDue = passDownDue ?? now + options.acknowledgementDelay
  }

  /// Whether the children have to be sent what no round has taken along.
  mutating func takePassDown(at now: Instant) -> Bool {
    guard let due = passDownDue, due <= now else { return false }
    passDownDue = nil
    return true
  }

  /// Forgets the rounds, the batch and the answer that belong to a former parent.
  mutating func forgetParent() {
    (nextFromParent, batchOffset, batchDue, answer) = (nil, .zero, nil, nil)
  }
}

// MARK: - Batches

extension RoundSchedule {
  /// Plans a batch: just in time for the parent's next round, or at once if none is expected.
  ///
  /// - Parameters:
  ///   - duration: How long before a round a batch has to leave; nil if nothing was measured. Then no
  ///     time is known to be the right one.
  ///   - tolerance: How late the parent's rounds may be.
  mutating func planBatch(at now: Instant, duration: Duration?, tolerance: Duration) -> Action {
    guard batchDue == nil else { return .none }
    guard let duration else { return .send }
    guard let next = nextFromParent, now < next + tolerance else {
      // No round is expected but the one that answers the batch sent last.
      return answer == nil ? .send : .none
    }
    let slot = next - duration - batchOffset
    guard now > slot else { return planBatch(by: slot) }
    // It would miss that round. It waits for the slot of the round after; or, should none have come until well
    // after it was due, for nothing.
    return planBatch(by: max(now, min(slot + options.window, next + tolerance)))
  }

  /// Plans a batch for `due`, unless one leaves earlier.
  mutating func planBatch(by due: Instant) -> Action {
    if let batchDue, batchDue <= due { return .none }
    batchDue = due
    return .wait(until: due)
  }

  /// Notes that the batch's timer has come.
  mutating func takeBatchTimer() { batchDue = nil }
}

// MARK: - The parent's answer

extension RoundSchedule {
  /// Expects the parent's answer by `due`.
  mutating func expectAnswer(by due: Instant, askedAt stamp: Timestamp? = nil) {
    answer = Answer(deadline: AnswerDeadline(due), askedAt: stamp)
  }

  /// Expects nothing any more.
  mutating func cancelAnswer() { answer = nil }

  /// What the answer's timer brings.
  enum Overdue: Equatable {
    /// This node was stalled.
    case wait(until: Instant)
    case overdue(askedAt: Timestamp?)
  }

  /// Notes that the answer's timer has come, at `now`.
  mutating func takeAnswerTimer(at now: Instant) -> Overdue? {
    guard let answer else { return nil }
    if let later = answer.deadline.putOff(at: now, options) {
      self.answer?.deadline = later
      return .wait(until: later.due)
    }
    self.answer = nil
    return .overdue(askedAt: answer.askedAt)
  }
}
