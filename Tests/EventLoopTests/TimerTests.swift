import EddyEventLoop
import EddyTiming
import PipeTesting
import Testing

@Suite struct TimerTests {
  @Test func timersFireInOrderOfDeadline() throws {
    let loop = try EventLoop()
    var fired: [Int] = []
    for delay in [30, 10, 20, 0] {
      loop.schedule(after: .milliseconds(delay)) { fired.append(delay) }
    }
    try loop.run()
    #expect(fired == [0, 10, 20, 30])
  }

  @Test func equalDeadlinesFireFirstInFirstOut() throws {
    let loop = try EventLoop()
    var fired: [Int] = []
    let deadline = loop.now + .milliseconds(2)
    for element in 0..<50 { loop.schedule(at: deadline) { fired.append(element) } }
    try loop.run()
    #expect(fired == Array(0..<50))
  }

  @Test func aTimerNeverFiresBeforeItsDeadline() throws {
    let loop = try EventLoop()
    let deadline = loop.now + .microseconds(1500)
    var firedAt: Instant?
    loop.schedule(at: deadline) { firedAt = loop.now }
    try loop.run()
    #expect(try #require(firedAt) >= deadline)
  }

  @Test func aDeadlineInThePastFiresInTheNextTurn() throws {
    let loop = try EventLoop()
    var fired = 0
    loop.schedule(at: .zero) { fired += 1 }
    loop.schedule(at: Instant(nanoseconds: -5)) { fired += 1 }
    try loop.runOnce()
    #expect(fired == 2)
  }

  @Test func aCancelledTimerNeverFires() throws {
    let loop = try EventLoop()
    var fired: [String] = []
    let id = loop.schedule(after: .milliseconds(1)) { fired.append("cancelled") }
    loop.schedule(after: .milliseconds(3)) { fired.append("kept") }
    let wasQueued = loop.cancel(id)
    #expect(wasQueued)
    #expect(!loop.cancel(id))
    try loop.run()
    #expect(fired == ["kept"])
  }

  @Test func aTimerCancelledByAnotherOfItsTurnDoesNotFire() throws {
    let loop = try EventLoop()
    var fired: [Int] = []
    var victim: TimerID?
    loop.schedule(at: loop.now) {
      fired.append(1)
      if let victim { loop.cancel(victim) }
    }
    victim = loop.schedule(at: loop.now) { fired.append(2) }
    loop.schedule(at: loop.now) { fired.append(3) }
    try loop.run()
    #expect(fired == [1, 3])
  }

  @Test func cancellingReleasesTheAction() throws {
    final class Token {}
    let loop = try EventLoop()
    weak var captured: Token?
    let id: TimerID
    do {
      let token = Token()
      captured = token
      id = loop.schedule(after: .seconds(100)) { _ = token }
    }
    #expect(captured != nil)
    loop.cancel(id)
    #expect(captured == nil)
  }

  @Test func aFiredTimerReleasesItsAction() throws {
    final class Token {}
    let loop = try EventLoop()
    weak var captured: Token?
    do {
      let token = Token()
      captured = token
      loop.schedule(after: .zero) { _ = token }
    }
    try loop.run()
    #expect(captured == nil)
  }

  @Test func aRepeatingTimerStaysOnItsGridWhenTheLoopIsLate() throws {
    let loop = try EventLoop()
    let interval = Duration.milliseconds(2)
    let start = loop.now
    var ticks = 0
    var offsets: Set<Int> = []
    loop.schedule(every: interval) {
      ticks += 1
      if let next = loop.nextDeadline {
        offsets.insert((next - start).nanoseconds % interval.nanoseconds)
        #expect(next > loop.now)
        #expect(next <= loop.now + interval)
      }
      // Every third callback outlasts two intervals and a half.
      let end = System.monotonicNow + .milliseconds(5)
      while ticks % 3 == 0, System.monotonicNow < end {}
      if ticks == 12 { loop.stop() }
    }
    try loop.run()
    #expect(ticks == 12)
    #expect(offsets == [0])
  }

  @Test func aRepeatingTimerMayCancelItself() throws {
    let loop = try EventLoop()
    var ticks = 0
    var id: TimerID?
    id = loop.schedule(every: .milliseconds(1)) {
      ticks += 1
      if ticks == 3, let id { loop.cancel(id) }
    }
    try loop.run()
    #expect(ticks == 3)
  }

  @Test func aTimerThatReArmsItselfWithoutDelayDoesNotStarveInput() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    var rounds = 0
    func spin() {
      rounds += 1
      loop.schedule(after: .zero, spin)
      if rounds == 100 { try? pipe.write("x") }
    }
    spin()
    var roundsAtInput: Int?
    try loop.add(pipe.reading, interest: .readable) { _ in
      roundsAtInput = rounds
      loop.stop()
    }
    try loop.run()
    // The turn after the one that wrote has the input first.
    #expect(roundsAtInput == 100)
  }

  @Test func thousandsOfTimersFireInOrderWithoutThoseCancelled() throws {
    let loop = try EventLoop()
    let start = loop.now
    var fired: [Int] = []
    var expected: [(delay: Int, element: Int)] = []
    for element in 0..<6000 {
      let delay = element * 7919 % 20_000
      let id = loop.schedule(at: start + .microseconds(delay)) { fired.append(element) }
      if element % 3 == 0 { loop.cancel(id) } else { expected.append((delay, element)) }
    }
    try loop.run()
    expected.sort { ($0.delay, $0.element) < ($1.delay, $1.element) }
    #expect(fired == expected.map(\.element))
  }

  @Test func anEarlierTimerAddedLaterEndsTheWaitEarlier() throws {
    let loop = try EventLoop()
    var fired: [String] = []
    let late = loop.schedule(after: .seconds(3600)) { fired.append("late") }
    loop.schedule(after: .milliseconds(1)) {
      fired.append("early")
      loop.schedule(after: .milliseconds(1)) {
        fired.append("earlier")
        loop.cancel(late)
      }
    }
    try loop.run()
    #expect(fired == ["early", "earlier"])
  }

  @Test func aLimitedWaitEndsWithoutAnEvent() throws {
    let loop = try EventLoop()
    loop.schedule(after: .seconds(3600)) {}
    let before = loop.now
    try loop.runOnce(maximumWait: .microseconds(1200))
    #expect(loop.now - before >= .microseconds(1200))
  }

  @Test func aLoopWithNothingToWaitForReturns() throws {
    let loop = try EventLoop()
    try loop.run()
  }

  @Test func stoppingBeforeRunningRunsNothing() throws {
    let loop = try EventLoop()
    var fired = false
    loop.schedule(after: .zero) { fired = true }
    loop.stop()
    try loop.run()
    #expect(!fired)
    try loop.run()
    #expect(fired)
  }
}
