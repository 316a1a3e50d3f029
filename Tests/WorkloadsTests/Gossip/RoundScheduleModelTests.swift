import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

/// The schedule beside lists of all that was asked of it, in which everything is looked up.
private struct Model {
  private struct Announced {
    var at: Instant
    var isDue: Bool
    /// How much later than a window after the latest round.
    var lateness: Duration
  }

  static let window = Duration.milliseconds(400)
  static let tick = Duration.milliseconds(100)
  static let gathering = Duration.milliseconds(10)

  var schedule = RoundSchedule(.init(window: Self.window))
  var now = Instant.zero
  /// The instants for which a round was asked since the timer last came.
  private var roundsAsked: [Instant] = []
  private var announced: [Announced] = []
  /// Rounds that were sent to somebody.
  private var sent: [(at: Instant, isDue: Bool)] = []
  private var isUrgent = false
  private var isPromised = false
  /// The instants for which a batch was asked since one left.
  private var batchesAsked: [Instant] = []
  /// The latest round of the parent: when the next is due, and how much earlier a batch has to be there.
  private var parentRound: (next: Instant, offset: Duration)?
  private var answer: (due: Instant, isPutOff: Bool)?

  private var nextRound: Instant? { sent.last { $0.isDue }.map { $0.at + Self.window } }

  // MARK: Down

  mutating func noteUrgent() {
    schedule.hasUrgentEntries = true
    isUrgent = true
  }

  mutating func planRound() {
    var due = nextRound ?? now
    if isUrgent { due = min(due, max(now + Self.gathering, (sent.last?.at ?? .zero) + Self.tick)) }
    var expected = RoundSchedule.Action.none
    if roundsAsked.allSatisfy({ $0 > due }) {
      expected = due <= now ? .send : .wait(until: due)
      roundsAsked = due <= now ? [] : roundsAsked + [due]
    }
    #expect(schedule.planRound(at: now) == expected)
    if expected == .send { announce(hasEntries: true, hasReceivers: true) }
  }

  mutating func announce(hasEntries: Bool, hasReceivers: Bool) {
    let next = nextRound ?? now
    isUrgent = false
    var expected = RoundSchedule.Announcement(next: next - now, isKeepalivePromised: isPromised, isDue: false)
    if next <= now {
      announced.append(Announced(at: now, isDue: true, lateness: now - next))
      // Five in a row that came in time, after one that ended a gap or began everything.
      let series = announced.reversed().prefix { $0.lateness < .milliseconds(200) }.count
      expected = .init(next: Self.window, isKeepalivePromised: hasEntries && series >= 5)
    }
    let announcement = schedule.announceRound(at: now, hasEntries: hasEntries)
    #expect(announcement == expected)
    guard hasReceivers else { return }
    #expect(
      schedule.promise(announcement.isKeepalivePromised) == (isPromised && !expected.isKeepalivePromised))
    schedule.noteRoundSent(announcement, at: now)
    isPromised = expected.isKeepalivePromised
    sent.append((now, expected.isDue))
  }

  mutating func fireRound(hasEntries: Bool, hasReceivers: Bool) {
    guard let due = roundsAsked.min(), due <= now else { return }
    schedule.takeRoundTimer()
    roundsAsked = []
    announce(hasEntries: hasEntries, hasReceivers: hasReceivers)
  }

  // MARK: The parent

  mutating func hearParent(next: Duration, offset: Duration, isNewerContact: Bool) {
    var expected = RoundSchedule.Arrival(lateness: nil, hasBatchMissedSlot: false)
    if let expectedAt = parentRound?.next {
      if answer != nil, now - expectedAt < .milliseconds(200) { expected.lateness = now - expectedAt }
      expected.hasBatchMissedSlot =
        batchesAsked.min().map { $0 < expectedAt && now + next - expectedAt > .milliseconds(200) } ?? false
    }
    let round = GossipMessage.Round(number: 0, due: next, batchOffset: offset)
    #expect(schedule.takeRound(round, at: now, isNewerContact: isNewerContact) == expected)
    parentRound = (now + next, offset)
    batchesAsked = []
    isPromised = isPromised && isNewerContact
  }

  mutating func forgetParent() {
    schedule.forgetParent()
    (parentRound, answer, batchesAsked) = (nil, nil, [])
  }

  // MARK: Up

  mutating func planBatch(duration: Duration?, tolerance: Duration) {
    let expected = expectedBatch(duration, tolerance)
    #expect(schedule.planBatch(at: now, duration: duration, tolerance: tolerance) == expected)
    if case .wait(let due) = expected { batchesAsked.append(due) }
  }

  private func expectedBatch(_ duration: Duration?, _ tolerance: Duration) -> RoundSchedule.Action {
    guard batchesAsked.isEmpty else { return .none }
    guard let duration else { return .send }
    guard let parentRound, now - parentRound.next < tolerance else { return answer == nil ? .send : .none }
    let slots = [Duration.zero, Self.window].map { parentRound.next + $0 - duration - parentRound.offset }
    if now <= slots[0] { return .wait(until: slots[0]) }
    return .wait(until: max(now, min(slots[1], parentRound.next + tolerance)))
  }

  mutating func planUrgentBatch(by due: Instant) {
    let isEarlier = batchesAsked.allSatisfy { $0 > due }
    #expect(schedule.planBatch(by: due) == (isEarlier ? .wait(until: due) : .none))
    if isEarlier { batchesAsked.append(due) }
  }

  mutating func fireBatch() {
    guard let due = batchesAsked.min(), due <= now else { return }
    schedule.takeBatchTimer()
    batchesAsked = []
  }

  mutating func expectAnswer(by due: Instant) {
    schedule.expectAnswer(by: due)
    answer = (due, false)
  }

  mutating func fireAnswer() {
    guard let answer, answer.due <= now else { return }
    if !answer.isPutOff, now - answer.due > .milliseconds(10) {
      self.answer = (now + Self.tick, true)
      #expect(schedule.takeAnswerTimer(at: now) == .wait(until: now + Self.tick))
    } else {
      self.answer = nil
      #expect(schedule.takeAnswerTimer(at: now) == .overdue(askedAt: nil))
    }
  }

  func check() {
    #expect(schedule.roundDue == roundsAsked.min())
    #expect(schedule.nextRound == nextRound)
    #expect(schedule.batchDue == batchesAsked.min())
    #expect(schedule.nextFromParent == parentRound?.next)
    #expect(schedule.answer?.deadline.due == answer?.due)
    #expect(schedule.isKeepalivePromised == isPromised)
    #expect(schedule.hasUrgentEntries == isUrgent)
  }
}

@Suite struct RoundScheduleModelTests {
  @Test(arguments: UInt64(1)...12)
  func aLongRandomHistoryGivesTheTimesThatTheDefinitionsGive(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func draw(_ limit: Int) -> Duration { .milliseconds(random.below(limit)) }
    var model = Model()
    for _ in 0..<800 {
      // Every timer that is due, in any order; some come late.
      model.now += random.chance(0.5) ? .milliseconds(random.below(30)) : .milliseconds(random.below(200))
      model.fireRound(hasEntries: random.chance(0.9), hasReceivers: random.chance(0.95))
      if random.chance(0.7) { model.fireBatch() }
      if random.chance(0.7) { model.fireAnswer() }
      model.check()
      switch random.below(9) {
      case 0, 1, 2: model.planRound()
      case 3: if random.chance(0.3) { model.noteUrgent() }
      case 4: model.hearParent(next: draw(500), offset: draw(150), isNewerContact: random.chance(0.8))
      case 5: model.planBatch(duration: random.chance(0.9) ? draw(250) : nil, tolerance: draw(60))
      case 6: model.planUrgentBatch(by: model.now + draw(100))
      case 7: model.expectAnswer(by: model.now + draw(300))
      default: if random.chance(0.2) { model.forgetParent() }
      }
      model.check()
    }
  }

  /// Three things are on their way: a batch, the round that it is for, and the rounds of the nodes above.
  @Test func aBatchArrivesJustBeforeTheRoundThatTakesItUp() {
    var schedule = RoundSchedule(.init(window: .milliseconds(400)))
    let round = GossipMessage.Round(number: 0, due: .milliseconds(380), batchOffset: .milliseconds(50))
    _ = schedule.takeRound(round, at: .zero, isNewerContact: true)
    let action = schedule.planBatch(at: .zero, duration: .milliseconds(225), tolerance: .milliseconds(20))
    #expect(action == .wait(until: .zero + .milliseconds(105)))
    #expect(schedule.batchDue == .zero + .milliseconds(105))
  }
}
