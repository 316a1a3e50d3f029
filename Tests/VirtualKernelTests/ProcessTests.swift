import EddyNode
import EddyTiming
import EddyVirtualKernel
import Testing

@Suite struct ProcessTests {
  private let fixture = Fixture()

  private func addChild(_ id: Int32, inner: Int32) -> VirtualProcess {
    fixture.kernel.addChild(id: id, innerID: inner, startedBy: fixture.main, isVFork: false)
  }

  @Test func aParentWaitsForItsChild() {
    #expect(fixture.call(.wait4, UInt64(bitPattern: -1)) == .make, "the kernel reports that there is none")
    let child = addChild(200, inner: 3)
    let doesNotWait: UInt64 = 1
    #expect(fixture.call(.wait4, UInt64(bitPattern: -1), 0, doesNotWait) == .make)
    #expect(fixture.call(.wait4, UInt64(bitPattern: -1)) == .hold)
    fixture.kernel.processEnded(child)
    #expect(fixture.takeWoken().map(\.resumption) == [.decide])
    #expect(fixture.again() == .make)
    #expect(fixture.call(.wait4, 3) == .make, "it has been waited for")
  }

  @Test func aParentMayWaitForOneOfItsChildren() {
    let (first, second) = (addChild(200, inner: 3), addChild(201, inner: 4))
    #expect(fixture.call(.wait4, 4) == .hold)
    fixture.kernel.processEnded(first)
    #expect(fixture.again() == .hold)
    fixture.kernel.processEnded(second)
    #expect(fixture.again() == .make)
    let byID: UInt64 = 1
    let ended: UInt64 = 4
    #expect(fixture.call(.waitid, byID, 3, 0x2000, ended) == .make)
  }

  @Test func aChildHasRandomNumbersOfItsOwn() {
    let child = addChild(200, inner: 3)
    var (own, childs) = (fixture.process.random, child.random)
    #expect(own.next() != childs.next())
  }

  @Test func aChildsFutexesAreItsOwn() {
    let child = addChild(200, inner: 3)
    fixture.set(UInt32(0), at: 0x2000)
    #expect(fixture.call(.futex, 0x2000, 0, 0) == .hold)
    #expect(fixture.call(.futex, 0x2000, 1, 9, by: child.threads[0]) == .complete(0))
    let sharing = fixture.kernel.addChild(id: 201, innerID: 4, startedBy: fixture.main, isVFork: true)
    #expect(fixture.call(.futex, 0x2000, 1, 9, by: sharing.threads[0]) == .complete(1))
  }

  @Test func anotherProgramForgetsTimersAndThreads() {
    let other = fixture.addThread(7)
    #expect(fixture.call(.timer_create, 1, 0, 0x3000) == .complete(0))
    fixture.setTime(0, 0, at: 0x4000)
    fixture.setTime(0, 5_000_000, at: 0x4010)
    #expect(fixture.call(.timer_settime, 0, 0, 0x4000) == .complete(0))
    let first = fixture.kernel.execute(fixture.process, by: other)
    // The one that goes on has the first one's id.
    #expect(first.id == fixture.process.id && fixture.process.threads.map(\.id) == [first.id])
    #expect(fixture.kernel.nextDeadline == nil)
  }

  @Test func aFirstThreadThatIsHeldAtItsEndWakesThoseWhoWaitForIt() {
    let other = fixture.addThread(7)
    #expect(fixture.call(.set_tid_address, 0x2000) == .make)
    fixture.set(UInt32(1), at: 0x2000)
    #expect(fixture.call(.futex, 0x2000, 0, 1, by: other) == .hold)
    fixture.kernel.clearThreadID(of: fixture.main)
    fixture.kernel.threadEnded(fixture.main)
    #expect(fixture.get(UInt32.self, at: 0x2000) == 0)
    #expect(other.resumption == .complete(0))
  }

  @Test func endedChildrenCountUntilTheyAreWaitedForUnlessTheirEndsAreIgnored() {
    for id: Int32 in 200..<203 {
      let child = fixture.kernel.addChild(id: id, innerID: id, startedBy: fixture.main, isVFork: false)
      if id < 202 { fixture.kernel.processEnded(child) }
    }
    #expect(fixture.kernel.forgetChildren(of: fixture.process) == 2)
    fixture.machine.signals[100] = SignalSets()
    fixture.machine.signals[100]?.ignored = 1 << 16
    #expect(fixture.kernel.forgetChildren(of: fixture.process) == 0)
    #expect(fixture.call(.wait4, UInt64(bitPattern: -1), 0, 1) == .make)
  }

  @Test func theEndOfAProcessEndsItsTimers() {
    #expect(fixture.call(.alarm, 3) == .complete(0))
    fixture.machine.descriptors[6] = .init(file: OpenFile(.timer))
    fixture.setTime(0, 0, at: 0x4000)
    fixture.setTime(0, 5_000_000, at: 0x4010)
    #expect(fixture.call(.timerfd_settime, 6, 0, 0x4000, 0) == .complete(0))
    #expect(fixture.call(.nanosleep, 0x4010) == .hold)
    fixture.kernel.processEnded(fixture.process)
    #expect(fixture.kernel.nextDeadline == nil)
  }

  // MARK: What the machine is like

  @Test func theMachineHasOneProcessor() {
    #expect(fixture.call(.sched_getaffinity, 0, 128, 0x2000) == .complete(8))
    #expect(fixture.get(UInt64.self, at: 0x2000) == 1)
    #expect(fixture.call(.sched_setaffinity, 0, 8, 0x2000) == .complete(0))
    #expect(fixture.call(.getcpu, 0x3000) == .complete(0))
    #expect(fixture.get(UInt32.self, at: 0x3000) == 0)
  }

  @Test func itsMemoryAndLoadAreInvented() {
    fixture.advance(to: 5_000)
    #expect(fixture.call(.sysinfo, 0x2000) == .complete(0))
    #expect(fixture.get(Int.self, at: 0x2000) == 5, "seconds since the start")
    #expect(fixture.get(UInt64.self, at: 0x2020) == 8 << 30, "total memory")
    #expect(fixture.get(UInt32.self, at: 0x2068) == 1, "the unit of memory")
    #expect(fixture.call(.getrusage, 0, 0x3000) == .complete(0))
    #expect(fixture.get(Int.self, at: 0x3008) == 1, "microseconds of processor time")
    #expect(fixture.call(.times, 0x4000) == .complete(500))
  }

  @Test(arguments: [SystemCall.rseq, .io_uring_setup, .futex_waitv, .futex_wake, .futex_wait, .futex_requeue])
  func whatIsNotModelledIsRefused(_ call: SystemCall) {
    #expect(fixture.call(call) == .complete(-38))
    #expect(fixture.call(.ptrace) == .complete(-1))
  }
}

@Suite struct RunQueueTests {
  private let process = Fixture().process

  private func threads(_ count: Int32) -> [VirtualThread] {
    let fixture = Fixture()
    return (1...count).map { fixture.addThread($0) }
  }

  private func order(_ order: RunQueue.Order, seed: UInt64) -> [Int32] {
    var queue = RunQueue(order, seed: seed)
    let threads = threads(20)
    for thread in threads { queue.add(thread) }
    var ids: [Int32] = []
    while let thread = queue.next() { ids.append(thread.id) }
    return ids
  }

  @Test func theFairOrderIsThatOfArrival() { #expect(order(.fair, seed: 1) == Array(1...20)) }

  @Test func theRandomOrderFollowsFromTheSeed() {
    #expect(order(.random, seed: 1) == order(.random, seed: 1))
    #expect(order(.random, seed: 1) != order(.random, seed: 2))
    #expect(order(.random, seed: 1).sorted() == Array(1...20))
  }

  /// A race between two calls of a thread shows only if its turn ends between them.
  @Test func turnsAreAlikeInTheFairOrderAndShortOrLongInTheRandomOne() {
    var fair = RunQueue(.fair, seed: 1)
    var random = RunQueue(.random, seed: 1)
    #expect(Set((1...1000).map { _ in fair.quantum() }) == [32])
    let drawn = (1...1000).map { _ in random.quantum() }
    #expect(drawn.count { $0 == 1 } > 100 && drawn.count { $0 > 16 } > 100)
    #expect(drawn.allSatisfy { (1...64).contains($0) })
  }

  @Test func outputStopsOnlyWhereTheOrderIsDrawn() {
    let output: Set<SystemCall> = [.write, .writev]
    #expect(Set(SystemCall.allCases).subtracting(SystemCall.stopping(.fair)) == output)
    #expect(SystemCall.stopping(.random) == SystemCall.allCases)
    #expect(Fixture().call(.write, 1) == .make)
  }
}
