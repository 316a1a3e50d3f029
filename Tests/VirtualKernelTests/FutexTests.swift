import EddyVirtualKernel
import Testing

/// futex(2) as its manual page has it.
@Suite struct FutexTests {
  private let fixture = Fixture()
  private let word: UInt64 = 0x2000
  private let other: UInt64 = 0x3000
  private let isPrivate: UInt64 = 128

  private func wait(_ value: UInt64, by thread: VirtualThread, timeout: UInt64 = 0) -> Kernel.Decision {
    fixture.call(.futex, word, isPrivate, value, timeout, by: thread)
  }

  private func wake(_ count: UInt64) -> Kernel.Decision { fixture.call(.futex, word, 1 | isPrivate, count) }

  private func waiters(_ count: Int32) -> [VirtualThread] {
    fixture.set(UInt32(5), at: word)
    return (1...count).map { id in
      let thread = fixture.addThread(id)
      #expect(wait(5, by: thread) == .hold)
      return thread
    }
  }

  @Test func aWaitForAnotherValueReturnsAtOnce() {
    fixture.set(UInt32(6), at: word)
    #expect(wait(5, by: fixture.main) == .complete(-11))
  }

  @Test func aWaitAtAnAddressThatIsNotMappedIsAnError() {
    #expect(wait(5, by: fixture.main) == .complete(-14))
  }

  @Test func aWakeFindsTheOnesThatWaitedLongest() {
    _ = waiters(3)
    #expect(wake(2) == .complete(2))
    #expect(fixture.takeWoken().map(\.thread) == [1, 2])
    #expect(wake(5) == .complete(1))
    #expect(fixture.takeWoken().map(\.thread) == [3])
    #expect(wake(1) == .complete(0))
  }

  @Test func aWokenThreadsCallReturnsZero() {
    _ = waiters(1)
    _ = wake(1)
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(0)])
  }

  @Test func theFlagPrivateMakesNoDifference() {
    _ = waiters(1)
    #expect(fixture.call(.futex, word, 1, 1) == .complete(1))
  }

  @Test func aWakeReachesAnotherProcessThroughSharedMemory() {
    // As a semaphore of Python's multiprocessing, after a fork.
    fixture.set(UInt32(5), at: word)
    fixture.machine.shared[word] = SharedPlace(device: 1, file: 2, offset: 0)
    let child = fixture.kernel.addChild(id: 200, innerID: 3, startedBy: fixture.main, isVFork: false)
    let wait = fixture.call(.futex, word, 0, 5, by: child.threads[0])
    #expect(wait == .hold)
    #expect(wake(1) == .complete(0), "a private wake reaches nobody else")
    #expect(fixture.call(.futex, word, 1, 1) == .complete(1))
    #expect(fixture.takeWoken().map(\.thread) == [200])
  }

  @Test func aWakeDoesNotReachMemoryThatIsNotShared() {
    fixture.set(UInt32(5), at: word)
    let child = fixture.kernel.addChild(id: 200, innerID: 3, startedBy: fixture.main, isVFork: false)
    #expect(fixture.call(.futex, word, 0, 5, by: child.threads[0]) == .hold)
    #expect(fixture.call(.futex, word, 1, 1) == .complete(0))
  }

  @Test func aWaitEndsAtItsTimeout() {
    fixture.set(UInt32(5), at: word)
    fixture.setTime(0, 20_000_000, at: 0x4000)
    #expect(wait(5, by: fixture.main, timeout: 0x4000) == .hold)
    fixture.advance(to: 19)
    #expect(fixture.takeWoken().isEmpty)
    fixture.advance(to: 20)
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(-110)])
    #expect(wake(1) == .complete(0))
  }

  @Test func aWaitWithBitsHasAnAbsoluteTimeout() {
    fixture.advance(to: 30)
    fixture.set(UInt32(5), at: word)
    fixture.setTime(0, 40_000_000, at: 0x4000)
    #expect(fixture.call(.futex, word, 9 | isPrivate, 5, 0x4000, 0, 0b10) == .hold)
    #expect(
      fixture.call(.futex, word, 10 | isPrivate, 1, 0, 0, 0b01, by: fixture.addThread(7)) == .complete(0))
    fixture.advance(to: 40)
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(-110)])
  }

  @Test func aWakeWithBitsFindsOnlyThoseWithOneOfThem() {
    fixture.set(UInt32(5), at: word)
    let (first, second) = (fixture.addThread(1), fixture.addThread(2))
    #expect(fixture.call(.futex, word, 9, 5, 0, 0, 0b01, by: first) == .hold)
    #expect(fixture.call(.futex, word, 9, 5, 0, 0, 0b10, by: second) == .hold)
    #expect(fixture.call(.futex, word, 10, 9, 0, 0, 0b10) == .complete(1))
    #expect(fixture.takeWoken().map(\.thread) == [2])
    #expect(fixture.call(.futex, word, 10, 9, 0, 0, 0) == .complete(-22))
  }

  @Test func aRequeueMovesTheRestToAnotherAddress() {
    _ = waiters(4)
    // Wakes one, moves two; the word must be as expected.
    #expect(fixture.call(.futex, word, 4, 1, 2, other, 6) == .complete(-11))
    #expect(fixture.call(.futex, word, 4, 1, 2, other, 5) == .complete(3))
    #expect(fixture.takeWoken().map(\.thread) == [1])
    #expect(fixture.call(.futex, other, 1, 9) == .complete(2))
    #expect(fixture.takeWoken().map(\.thread) == [2, 3])
    #expect(wake(9) == .complete(1))
  }

  @Test func aRequeuedThreadsTimeoutLeavesTheOtherQueue() {
    fixture.set(UInt32(5), at: word)
    fixture.setTime(0, 20_000_000, at: 0x4000)
    let thread = fixture.addThread(1)
    #expect(wait(5, by: thread, timeout: 0x4000) == .hold)
    #expect(fixture.call(.futex, word, 3, 0, 1, other) == .complete(0))
    fixture.advance(to: 20)
    #expect(fixture.takeWoken().map(\.resumption) == [.complete(-110)])
    #expect(fixture.call(.futex, other, 1, 9) == .complete(0))
  }

  /// Operation, comparison, operand and comparand in one word, as FUTEX_OP makes it.
  private func change(_ operation: UInt64, _ operand: UInt64, _ comparison: UInt64, _ comparand: UInt64)
    -> UInt64
  {
    operation << 28 | comparison << 24 | (operand & 0xFFF) << 12 | comparand & 0xFFF
  }

  @Test(arguments: [
    // Operations: set, add, or, and not, xor; shifted operands; comparisons ==, !=, <, <=, >, >=.
    (UInt64(0), UInt64(9), UInt64(0), UInt64(12), Int32(9), 2), (1, 3, 1, 12, 15, 1), (2, 3, 2, 13, 15, 2),
    (3, 4, 3, 12, 8, 2), (4, 5, 4, 12, 9, 1), (8, 4, 5, 12, 16, 2), (1, 0xFFF, 4, 0xFFF, 11, 2),
  ])
  func aWakeWithAChangeChangesTheWordAndComparesWhatItWas(
    _ operation: UInt64, _ operand: UInt64, _ comparison: UInt64, _ comparand: UInt64, _ after: Int32,
    _ woken: Int
  ) {
    _ = waiters(1)
    fixture.set(Int32(12), at: other)
    let second = fixture.addThread(9)
    #expect(fixture.call(.futex, other, 0, 12, by: second) == .hold)
    let encoded = change(operation, operand, comparison, comparand)
    #expect(fixture.call(.futex, word, 5, 1, 1, other, encoded) == .complete(woken))
    #expect(fixture.get(Int32.self, at: other) == after)
  }

  @Test func theEndOfAThreadWakesWhoWaitsForIt() {
    let clearsID: UInt64 = 0x20_0000
    let isThread: UInt64 = 0x1_0000
    #expect(fixture.call(.clone, clearsID | isThread, 0, 0, word) == .make)
    #expect(fixture.kernel.isStartingThread(fixture.main))
    let thread = fixture.addThread(5)
    fixture.set(UInt32(5), at: word)
    #expect(wait(5, by: fixture.main) == .hold)
    #expect(fixture.call(.exit, by: thread) == .end)
    fixture.kernel.threadEnded(thread)
    #expect(fixture.takeWoken().map(\.thread) == [100])
  }

  @Test func priorityInheritanceIsRefusedInWords() {
    #expect(fixture.call(.futex, word, 6) == .complete(-38))
    #expect(fixture.remarks.count == 1)
  }
}
