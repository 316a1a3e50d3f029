import EddyTiming
import EddyVirtualKernel
import Testing

@Suite struct TimerTests {
  private let fixture = Fixture()

  /// Stores an itimerspec or an itimerval: interval and first expiration, in units of the call.
  private func setTimes(_ interval: (Int, Int), _ value: (Int, Int), at address: UInt64) {
    fixture.setTime(interval.0, interval.1, at: address)
    fixture.setTime(value.0, value.1, at: address + 16)
  }

  @Test func anAlarmRingsOnce() {
    #expect(fixture.call(.alarm, 3) == .complete(0))
    fixture.advance(to: 1_000)
    #expect(fixture.call(.alarm, 2) == .complete(2), "the seconds that were left")
    fixture.advance(to: 2_999)
    #expect(fixture.machine.sent.isEmpty)
    fixture.advance(to: 9_000)
    #expect(fixture.machine.sent == [TimerSignal(number: 14)])
    #expect(fixture.call(.alarm, 0) == .complete(0))
  }

  @Test func anIntervalTimerRingsAgain() {
    setTimes((0, 20_000), (0, 10_000), at: 0x2000)
    #expect(fixture.call(.setitimer, 0, 0x2000) == .complete(0))
    for time in [9, 10, 29, 30, 50] { fixture.advance(to: time) }
    #expect(fixture.machine.sent.count == 3)
    #expect(fixture.call(.getitimer, 0, 0x3000) == .complete(0))
    #expect(fixture.get(Int.self, at: 0x3008) == 20_000 && fixture.get(Int.self, at: 0x3018) == 20_000)
  }

  @Test func aTimerOfProcessorTimeNeverExpires() {
    setTimes((0, 1), (0, 1), at: 0x2000)
    #expect(fixture.call(.setitimer, 2, 0x2000) == .complete(0))
    #expect(fixture.kernel.nextDeadline == nil)
  }

  @Test func aPOSIXTimerSendsItsSignal() {
    fixture.set(UInt64(77), at: 0x2000)
    fixture.set(Int32(26), at: 0x2008)
    fixture.set(Int32(4), at: 0x200C)
    fixture.set(Int32(9), at: 0x2010)
    fixture.set(Int32(0), at: 0x2014)
    #expect(fixture.call(.timer_create, 1, 0x2000, 0x3000) == .complete(0))
    let id = UInt64(fixture.get(Int32.self, at: 0x3000)!)
    setTimes((0, 0), (0, 5_000_000), at: 0x4000)
    #expect(fixture.call(.timer_settime, id, 0, 0x4000) == .complete(0))
    fixture.advance(to: 3)
    #expect(fixture.call(.timer_gettime, id, 0x5000) == .complete(0))
    #expect(fixture.get(Int.self, at: 0x5018) == 2_000_000)
    fixture.advance(to: 5)
    #expect(fixture.machine.sent == [TimerSignal(number: 26, value: 77, thread: 9)])
    #expect(fixture.call(.timer_getoverrun, id) == .complete(0))
    #expect(fixture.call(.timer_delete, id) == .complete(0))
    #expect(fixture.call(.timer_settime, id, 0, 0x4000) == .complete(-22))
  }

  @Test func aDeletedTimerDoesNotExpire() {
    #expect(fixture.call(.timer_create, 1, 0, 0x3000) == .complete(0))
    setTimes((0, 0), (0, 5_000_000), at: 0x4000)
    #expect(fixture.call(.timer_settime, 0, 0, 0x4000) == .complete(0))
    #expect(fixture.call(.timer_delete, 0) == .complete(0))
    #expect(fixture.kernel.nextDeadline == nil)
  }

  // MARK: Descriptors

  private func openTimer(_ descriptor: Int32, clock: UInt64 = 1) {
    fixture.machine.descriptors[descriptor] = .init(file: OpenFile(.timer))
    let call = Call(.timerfd_create, [clock, 0, 0, 0, 0, 0])
    #expect(fixture.kernel.decide(call, by: fixture.main) == .observe)
    fixture.kernel.returned(call, Int(descriptor), by: fixture.main)
  }

  @Test func aTimerDescriptorCountsItsExpirations() {
    openTimer(6)
    setTimes((0, 10_000_000), (0, 10_000_000), at: 0x4000)
    #expect(fixture.call(.timerfd_settime, 6, 0, 0x4000, 0) == .complete(0))
    #expect(fixture.call(.read, 6, 0x2000, 8) == .hold)
    fixture.advance(to: 35)
    #expect(fixture.takeWoken().map(\.resumption) == [.decide])
    #expect(fixture.again() == .complete(8))
    #expect(fixture.get(UInt64.self, at: 0x2000) == 3)
    #expect(fixture.machine.dueTimers.isEmpty)
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(40))
  }

  @Test func aTimerDescriptorMayHaveAnAbsoluteTime() {
    fixture.advance(to: 20)
    openTimer(6)
    setTimes((0, 0), (0, 50_000_000), at: 0x4000)
    #expect(fixture.call(.timerfd_settime, 6, 1, 0x4000, 0x5000) == .complete(0))
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(50))
    setTimes((0, 0), (0, 60_000_000), at: 0x4000)
    #expect(fixture.call(.timerfd_settime, 6, 1, 0x4000, 0x5000) == .complete(0))
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(60))
    #expect(fixture.get(Int.self, at: 0x5018) == 30_000_000)
    openTimer(7, clock: 0)
    setTimes((0, 0), (NodeClock.defaultDate / 1_000_000_000, 40_000_000), at: 0x4000)
    #expect(fixture.call(.timerfd_settime, 7, 1, 0x4000, 0) == .complete(0))
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(40))
  }

  @Test func aNewTimerDescriptorKnowsNothingOfAClosedOne() {
    openTimer(6)
    setTimes((0, 10_000_000), (0, 10_000_000), at: 0x4000)
    #expect(fixture.call(.timerfd_settime, 6, 0, 0x4000, 0) == .complete(0))
    fixture.advance(to: 10)
    openTimer(6)
    #expect(fixture.kernel.nextDeadline == nil)
    #expect(fixture.call(.read, 6, 0x2000, 8) == .hold)
  }

  @Test func aTimerDescriptorThatIsSetAnewForgetsWhatItCounted() {
    openTimer(6)
    setTimes((0, 0), (0, 1), at: 0x4000)
    #expect(fixture.call(.timerfd_settime, 6, 0, 0x4000, 0) == .complete(0))
    fixture.advance(to: 1)
    #expect(fixture.machine.dueTimers == [6])
    setTimes((0, 0), (0, 0), at: 0x4000)
    #expect(fixture.call(.timerfd_settime, 6, 0, 0x4000, 0) == .complete(0))
    #expect(fixture.machine.dueTimers.isEmpty)
    #expect(fixture.call(.read, 6, 0x2000, 8) == .hold)
    #expect(fixture.call(.timerfd_settime, 7, 0, 0x4000, 0) == .make)
  }
}
