import EddyTiming
import EddyVirtualKernel
import Testing

@Suite struct WaitingTests {
  private let fixture = Fixture()

  private func open(_ descriptor: Int32, _ kind: OpenFile.Kind = .stream, isNonBlocking: Bool = false) {
    fixture.machine.descriptors[descriptor] = .init(file: OpenFile(kind, isNonBlocking: isNonBlocking))
  }

  private func becomeReadable(_ descriptor: Int32) {
    fixture.machine.descriptors[descriptor]?.found = PollRequest.readable
    fixture.kernel.recheck(fixture.process)
  }

  // MARK: Reading

  @Test func aFileIsReadAtOnce() {
    open(3, .file)
    #expect(fixture.call(.read, 3, 0x2000, 10) == .make)
    #expect(fixture.call(.read, 77, 0x2000, 10) == .make, "the kernel reports a descriptor that is not open")
  }

  @Test func aReadOfAnEmptyPipeWaits() {
    open(0)
    #expect(fixture.call(.read, 0, 0x2000, 10) == .hold)
    fixture.kernel.recheck(fixture.process)
    #expect(fixture.takeWoken().isEmpty)
    becomeReadable(0)
    #expect(fixture.takeWoken().map(\.resumption) == [.decide])
    #expect(fixture.again() == .make)
    #expect(fixture.main.hold == nil)
  }

  @Test func theEndOfAPipeIsReadAtOnce() {
    open(0)
    fixture.machine.descriptors[0]?.found = PollRequest.hungUp
    #expect(fixture.call(.read, 0, 0x2000, 10) == .make)
  }

  @Test func aReadThatDoesNotWaitFindsNothing() {
    open(4, isNonBlocking: true)
    for _ in 0..<50 { #expect(fixture.call(.read, 4, 0x2000, 10) == .complete(-11)) }
    #expect(fixture.call(.read, 4, 0x2000, 10) == .hold, "a loop of such reads lets time go on")
    fixture.advance(to: 1)
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(-11)])
  }

  @Test func receivingMayBeToldNotToWait() {
    open(5)
    let doesNotWait: UInt64 = 0x40
    #expect(fixture.call(.recvfrom, 5, 0x2000, 10, doesNotWait) == .complete(-11))
    #expect(fixture.call(.recvmsg, 5, 0x2000, doesNotWait) == .complete(-11))
    #expect(fixture.call(.accept, 5) == .hold)
  }

  @Test func randomBytesFollowFromTheSeed() {
    func bytes(_ seed: UInt64) -> [UInt64] {
      let fixture = Fixture(seed: seed)
      fixture.machine.descriptors[3] = .init(file: OpenFile(.random))
      #expect(fixture.call(.getrandom, 0x2000, 8) == .complete(8))
      #expect(fixture.call(.read, 3, 0x3000, 8) == .complete(8))
      return [fixture.get(at: 0x2000)!, fixture.get(at: 0x3000)!]
    }
    #expect(bytes(1) == bytes(1) && bytes(1) != bytes(2) && bytes(1)[0] != bytes(1)[1])
    #expect(fixture.call(.getrandom, 0x2000, 3) == .complete(3))
    #expect(fixture.get(UInt32.self, at: 0x2000) == nil, "only three bytes were written")
  }

  // MARK: poll

  /// Stores a pollfd.
  private func setEntry(_ descriptor: Int32, _ events: Int16, at address: UInt64) {
    fixture.set(descriptor, at: address)
    fixture.set(events, at: address + 4)
    fixture.set(Int16(0x7FFF), at: address + 6)
  }

  @Test func aPollWaitsUntilOneIsReady() {
    open(3)
    open(4)
    setEntry(3, 1, at: 0x2000)
    setEntry(4, 1, at: 0x2008)
    setEntry(-1, 1, at: 0x2010)
    #expect(fixture.call(.poll, 0x2000, 3, UInt64(bitPattern: -1)) == .hold)
    #expect(fixture.kernel.nextDeadline == nil)
    becomeReadable(4)
    #expect(fixture.takeWoken().count == 1)
    #expect(fixture.again() == .complete(1))
    #expect([0x2006, 0x200E, 0x2016].map { fixture.get(Int16.self, at: $0) } == [0, 1, 0])
  }

  @Test func aPollEndsAtItsTimeout() {
    open(3)
    setEntry(3, 1, at: 0x2000)
    #expect(fixture.call(.poll, 0x2000, 1, 30) == .hold)
    fixture.advance(to: 30)
    #expect(fixture.takeWoken().map(\.resumption) == [.decide])
    #expect(fixture.again() == .complete(0))
    #expect(fixture.get(Int16.self, at: 0x2006) == 0)
  }

  @Test func aDeadlineStaysWhenSomethingWasFoundByAnotherThread() {
    open(3)
    setEntry(3, 1, at: 0x2000)
    #expect(fixture.call(.poll, 0x2000, 1, 30) == .hold)
    fixture.advance(to: 20)
    becomeReadable(3)
    fixture.machine.descriptors[3]?.found = 0
    #expect(fixture.again() == .hold)
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(30))
  }

  @Test func pollingWithoutATimeoutLetsTimeGoOn() {
    open(3)
    setEntry(3, 1, at: 0x2000)
    for _ in 0..<50 { #expect(fixture.call(.poll, 0x2000, 1, 0) == .complete(0)) }
    #expect(fixture.call(.poll, 0x2000, 1, 0) == .hold)
  }

  @Test func ppollTakesATimespec() {
    fixture.setTime(0, 40_000_000, at: 0x3000)
    #expect(fixture.call(.ppoll, 0, 0, 0x3000) == .hold)
    #expect(fixture.kernel.nextDeadline == .zero + .milliseconds(40))
    fixture.advance(to: 40)
    #expect(fixture.again() == .complete(0))
    #expect(fixture.call(.ppoll, 0, 0, 0) == .hold)
    #expect(fixture.kernel.nextDeadline == nil)
  }

  // MARK: select

  @Test func selectReportsEachSetByItself() {
    open(1)
    open(65)
    fixture.machine.descriptors[1]?.found = PollRequest.writable
    fixture.machine.descriptors[65]?.found = PollRequest.hungUp
    for (address, words) in [(UInt64(0x2000), [UInt64(2), 2]), (0x3000, [2, 0])] {
      fixture.set(words[0], at: address)
      fixture.set(words[1], at: address + 8)
    }
    #expect(fixture.call(.select, 66, 0x2000, 0x3000, 0, 0) == .complete(2))
    #expect([0x2000, 0x2008, 0x3000, 0x3008].map { fixture.get(UInt64.self, at: $0) } == [0, 2, 2, 0])
  }

  @Test(arguments: [(SystemCall.select, 50_000), (.pselect6, 50_000_000)])
  func selectEndsAtItsTimeout(_ call: SystemCall, _ rest: Int) {
    open(3)
    fixture.set(UInt64(8), at: 0x2000)
    fixture.setTime(0, rest, at: 0x4000)
    #expect(fixture.call(call, 4, 0x2000, 0, 0, 0x4000) == .hold)
    fixture.advance(to: 50)
    #expect(fixture.again() == .complete(0))
    #expect(fixture.get(UInt64.self, at: 0x2000) == 0)
  }

  @Test func selectLeavesABadDescriptorToTheKernel() {
    fixture.set(UInt64(8), at: 0x2000)
    #expect(fixture.call(.select, 4, 0x2000) == .make)
  }

  // MARK: epoll

  @Test func epollWaitsForEvents() {
    open(5)
    #expect(fixture.call(.epoll_wait, 5, 0x2000, 10, UInt64(bitPattern: -1)) == .hold)
    fixture.machine.descriptors[5]?.events = Array(1...24)
    becomeReadable(5)
    #expect(fixture.again() == .complete(2))
    #expect(fixture.get(UInt8.self, at: 0x2017) == 24)
    #expect(fixture.call(.epoll_wait, 5, 0x2000, 1, 0) == .complete(1))
    #expect(fixture.call(.epoll_wait, 6, 0x2000, 1, 0) == .complete(-9))
  }

  @Test(arguments: [SystemCall.epoll_pwait, .epoll_pwait2]) func epollEndsAtItsTimeout(_ call: SystemCall) {
    open(5)
    fixture.setTime(0, 70_000_000, at: 0x4000)
    #expect(fixture.call(call, 5, 0x2000, 10, call == .epoll_pwait ? 70 : 0x4000) == .hold)
    fixture.advance(to: 70)
    #expect(fixture.again() == .complete(0))
  }
}
