import EddyTiming
import EddyVirtualKernel
import Testing

@Suite struct SignalTests {
  private let fixture = Fixture()
  private let signal: UInt64 = 10

  /// A signal waits for a thread, with a handler.
  private func raise(caught: Bool = true, blocked: Bool = false, for thread: VirtualThread? = nil) {
    var sets = SignalSets()
    let bit: UInt64 = 1 << (signal - 1)
    sets.pending = bit
    if caught { sets.caught = bit }
    if blocked { sets.blocked = bit }
    fixture.machine.signals[(thread ?? fixture.main).id] = sets
    fixture.kernel.deliverSignals(to: fixture.process)
  }

  /// The program installs a handler.
  private func install(restarts: Bool) {
    fixture.set(UInt64(0xBEEF), at: 0x5000)
    fixture.set(UInt64(restarts ? 0x1000_0000 : 0), at: 0x5008)
    #expect(fixture.call(.rt_sigaction, signal, 0x5000) == .make)
  }

  @Test(arguments: [false, true]) func aSleepIsInterrupted(_ restarts: Bool) {
    install(restarts: restarts)
    fixture.setTime(1, 0, at: 0x3000)
    #expect(fixture.call(.nanosleep, 0x3000, 0x4000) == .hold)
    fixture.advance(to: 300)
    raise()
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(-4)])
    #expect(fixture.get(Int.self, at: 0x4008) == 700_000_000)
    #expect(fixture.kernel.nextDeadline == nil)
  }

  @Test(arguments: [false, true]) func aReadGoesOnIfTheHandlerSaysSo(_ restarts: Bool) {
    install(restarts: restarts)
    fixture.machine.descriptors[0] = .init(file: OpenFile(.stream))
    #expect(fixture.call(.read, 0, 0x2000, 1) == .hold)
    raise()
    #expect(fixture.takeWoken().map(\.resumption) == [restarts ? .restart : .complete(-4)])
  }

  @Test func aPollNeverGoesOn() {
    install(restarts: true)
    #expect(fixture.call(.poll, 0, 0, UInt64(bitPattern: -1)) == .hold)
    raise()
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(-4)])
  }

  @Test func aBlockedSignalInterruptsNothing() {
    #expect(fixture.call(.poll, 0, 0, UInt64(bitPattern: -1)) == .hold)
    raise(blocked: true)
    #expect(fixture.takeWoken().isEmpty)
  }

  @Test func aSignalOfTheProcessIsTakenByOneThread() {
    let other = fixture.addThread(7)
    #expect(fixture.call(.poll, 0, 0, UInt64(bitPattern: -1)) == .hold)
    #expect(fixture.call(.poll, 0, 0, UInt64(bitPattern: -1), by: other) == .hold)
    raise(blocked: true)
    raise(for: other)
    #expect(fixture.takeWoken().map(\.thread) == [7])
  }

  @Test func pauseWaitsForASignal() {
    #expect(fixture.call(.pause) == .hold)
    raise()
    #expect(fixture.takeWoken().map(\.resumption) == [.make])
  }

  @Test func aSuspensionWaitsForWhatItsMaskLetsThrough() {
    fixture.set(UInt64(1) << (signal - 1), at: 0x3000)
    #expect(fixture.call(.rt_sigsuspend, 0x3000) == .hold)
    raise()
    #expect(fixture.takeWoken().isEmpty)
    fixture.set(UInt64(0), at: 0x3000)
    #expect(fixture.call(.rt_sigsuspend, 0x3000, by: fixture.addThread(7)) == .hold)
  }

  @Test func sigtimedwaitTakesABlockedSignal() {
    fixture.set(UInt64(1) << (signal - 1), at: 0x3000)
    fixture.setTime(0, 5_000_000, at: 0x4000)
    #expect(fixture.call(.rt_sigtimedwait, 0x3000, 0, 0x4000) == .hold)
    raise(caught: false, blocked: true)
    #expect(fixture.takeWoken().map(\.resumption) == [.make])
    fixture.machine.signals = [:]
    #expect(fixture.call(.rt_sigtimedwait, 0x3000, 0, 0x4000) == .hold)
    fixture.advance(to: 5)
    #expect(fixture.again() == .complete(-11))
  }

  @Test func aFatalSignalLetsTheThreadMeetIt() {
    #expect(fixture.call(.poll, 0, 0, UInt64(bitPattern: -1)) == .hold)
    raise(caught: false)
    #expect(fixture.takeWoken().map(\.resumption) == [.make])
  }
}
