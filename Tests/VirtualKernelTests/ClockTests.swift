import EddyTiming
import EddyVirtualKernel
import Testing

@Suite struct ClockTests {
  private let fixture = Fixture()

  private func time(_ clock: UInt64) -> Int? {
    guard fixture.call(.clock_gettime, clock, 0x2000) == .complete(0) else { return nil }
    return fixture.get(Int.self, at: 0x2000)! * 1_000_000_000 + fixture.get(Int.self, at: 0x2008)!
  }

  @Test func clocksShowVirtualTime() {
    fixture.advance(to: 1500)
    #expect(time(1) == 1_500_000_000)
    #expect(time(0)! / 1_000_000_000 == NodeClock.defaultDate / 1_000_000_000 + 1)
  }

  @Test func aReadOfTheClockTakesAMoment() {
    let first = time(1)!
    #expect(time(1) == first + ClockPage.step)
  }

  @Test func aLoopThatReadsTheClockWaitsForTheOthers() {
    var reads = 0
    while time(1) != nil { reads += 1 }
    #expect(reads == ClockPage.lead / ClockPage.step)
    #expect(fixture.kernel.nextDeadline == Instant(nanoseconds: ClockPage.lead))
    fixture.kernel.advance(to: Instant(nanoseconds: ClockPage.lead))
    #expect(fixture.takeWoken().map(\.resumption) == [.decide])
    #expect(fixture.again() == .complete(0))
  }

  @Test func aNodesClockHasAnOffsetAndADrift() {
    fixture.kernel.clocks[0].monotonic = SkewedClock(offset: .seconds(2), drift: 1000)
    fixture.advance(to: 1000)
    #expect(time(1) == 3_001_000_000)
    fixture.setTime(1, 0, at: 0x3000)
    #expect(fixture.call(.nanosleep, 0x3000) == .hold)
    // A fast clock's second is shorter.
    let end = fixture.kernel.nextDeadline!
    #expect(end > .zero + .milliseconds(1998) && end < .zero + .milliseconds(2000))
  }

  @Test func theWallClockMayBeAhead() {
    fixture.kernel.clocks[0].wall = 5_000_000_000
    #expect(fixture.call(.time, 0) == .complete(5))
    #expect(fixture.call(.gettimeofday, 0x3000) == .complete(0))
    #expect(fixture.get(Int.self, at: 0x3000) == 5 && fixture.get(Int.self, at: 0x3008) == 0)
    #expect(fixture.call(.clock_settime, 0, 0x3000) == .complete(-1))
  }

  @Test func aClockThatIsNoneIsAnError() {
    #expect(fixture.call(.clock_gettime, 99, 0x2000) == .complete(-22))
    #expect(fixture.call(.clock_getres, 99, 0x2000) == .complete(-22))
    #expect(fixture.call(.clock_getres, 1, 0x2000) == .complete(0))
  }

  @Test func processorTimeIsInvented() {
    let first = time(2)!
    #expect(time(3)! > first)
  }

  @Test func aSleepEndsInTime() {
    fixture.setTime(0, 250_000_000, at: 0x3000)
    #expect(fixture.call(.nanosleep, 0x3000) == .hold)
    fixture.advance(to: 249)
    #expect(fixture.takeWoken().isEmpty)
    fixture.advance(to: 250)
    #expect(fixture.takeWoken().map(\.resumption) == [.decide])
    #expect(fixture.again() == .complete(0))
    #expect(fixture.kernel.nextDeadline == nil)
  }

  @Test(arguments: [(UInt64(1), 300), (0, 300)]) func aSleepMayEndAtATime(_ clock: UInt64, _ end: Int) {
    fixture.advance(to: 100)
    let wall = clock == 0 ? NodeClock.defaultDate / 1_000_000_000 : 0
    fixture.setTime(wall, 300_000_000, at: 0x3000)
    #expect(fixture.call(.clock_nanosleep, clock, 1, 0x3000) == .hold)
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(end))
  }

  @Test func aSleepOfNothingLetsOthersRun() {
    fixture.setTime(0, 0, at: 0x3000)
    #expect(fixture.call(.nanosleep, 0x3000) == .yield(0))
    fixture.setTime(0, 1_000_000_000, at: 0x3000)
    #expect(fixture.call(.nanosleep, 0x3000) == .complete(-22))
    #expect(fixture.call(.nanosleep, 0x10) == .complete(-14))
  }

  @Test func aSleepWithoutEndIsNotTooLong() {
    fixture.setTime(.max, 0, at: 0x3000)
    #expect(fixture.call(.nanosleep, 0x3000) == .hold)
    fixture.advance(to: 1_000_000)
    #expect(fixture.takeWoken().isEmpty)
  }

  @Test func yieldingForEverLetsTimeGoOn() {
    var yields = 0
    while fixture.call(.sched_yield) == .yield(0) { yields += 1 }
    #expect(yields == 50)
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(1))
    fixture.advance(to: 1)
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(0)])
    #expect(fixture.call(.getcpu) == .complete(0))
    #expect(fixture.call(.sched_yield) == .yield(0))
  }
}
