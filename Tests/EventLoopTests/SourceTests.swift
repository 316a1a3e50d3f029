import EddyEventLoop
import EddyProcess
import EddyTiming
import Glibc
import PipeTesting
import Testing

@Suite struct SourceTests {
  /// A loop with `count` pipes that each hold a byte to read.
  private func readablePipes(_ count: Int) throws -> [TestPipe] {
    try (0..<count).map { _ in
      let pipe = try TestPipe()
      try pipe.write("x")
      return pipe
    }
  }

  @Test func aSourceIsCalledEveryTurnWhileItStaysReady() throws {
    let loop = try EventLoop()
    let pipes = try readablePipes(1)
    var calls = 0
    let id = try loop.add(pipes[0].reading, interest: .readable) { readiness in
      #expect(readiness == .readable)
      calls += 1
    }
    for _ in 0..<3 { try loop.runOnce() }
    #expect(calls == 3)
    loop.remove(id)
  }

  @Test func aSourceMayRemoveItself() throws {
    let loop = try EventLoop()
    let pipes = try readablePipes(1)
    var calls = 0
    var id: SourceID?
    id = try loop.add(pipes[0].reading, interest: .readable) { _ in
      calls += 1
      if let id { loop.remove(id) }
    }
    try loop.run()
    #expect(calls == 1)
  }

  @Test func aSourceRemovedByAnotherOfItsTurnIsNotCalled() throws {
    let loop = try EventLoop()
    let pipes = try readablePipes(2)
    var ids: [SourceID] = []
    var calls = 0
    for pipe in pipes {
      // Whichever comes first removes both.
      ids.append(
        try loop.add(pipe.reading, interest: .readable) { _ in
          calls += 1
          for id in ids { loop.remove(id) }
        })
    }
    try loop.run()
    #expect(calls == 1)
  }

  @Test func anEventOfAClosedDescriptorDoesNotReachItsSuccessor() throws {
    let loop = try EventLoop()
    let pipes = try readablePipes(2)
    var ids: [SourceID] = []
    var successor: TestPipe?
    var calls: [String] = []
    for (index, pipe) in pipes.enumerated() {
      ids.append(
        try loop.add(pipe.reading, interest: .readable) { _ in
          calls.append("first")
          for id in ids { loop.remove(id) }
          // Another pipe under the other's number, in the very slot its source had.
          let number = pipes[1 - index].takeReadEnd().release()
          let reused = try! TestPipe()
          #expect(dup2(reused.reading, number) == number)
          reused.readEnd = Descriptor(owning: number)
          try! loop.add(reused.reading, interest: .readable) { _ in calls.append("successor") }
          successor = reused
        })
    }
    try loop.runOnce()
    try loop.runOnce(maximumWait: .zero)
    #expect(calls == ["first"])
    try #require(successor).write("y")
    try loop.runOnce()
    #expect(calls == ["first", "successor"])
  }

  @Test func aSourceAddedInACallbackIsServedNextTurn() throws {
    let loop = try EventLoop()
    let pipes = try readablePipes(2)
    var calls: [Int] = []
    var first: SourceID?
    first = try loop.add(pipes[0].reading, interest: .readable) { _ in
      calls.append(0)
      if let first { loop.remove(first) }
      try! loop.add(pipes[1].reading, interest: .readable) { _ in
        calls.append(1)
        loop.stop()
      }
    }
    try loop.runOnce()
    #expect(calls == [0])
    try loop.run()
    #expect(calls == [0, 1])
  }

  @Test func aHangUpWithoutInputIsReportedAsReadable() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    pipe.writeEnd = nil
    var texts: [String?] = []
    try loop.add(pipe.reading, interest: .readable) { _ in
      texts.append(try! pipe.read())
      loop.stop()
    }
    try loop.run()
    #expect(texts == [""])
  }

  @Test func aPausedSourceWhosePeerHungUpDoesNotEndTheWait() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    var calls = 0
    let id = try loop.add(pipe.reading, interest: .readable) { _ in calls += 1 }
    pipe.writeEnd = nil
    try loop.update(id, interest: [])
    let before = loop.now
    try loop.runOnce(maximumWait: .milliseconds(2))
    #expect(loop.now - before >= .milliseconds(2))
    #expect(calls == 0)
    try loop.update(id, interest: .readable)
    try loop.runOnce()
    #expect(calls == 1)
  }

  @Test func aRegularFileAndTheNullDeviceAreReadyEveryTurn() throws {
    let loop = try EventLoop()
    let path = temporaryPath("always-ready")
    let file = try FileSystem.open(path, for: .replace)
    defer { try? FileSystem.remove(path) }
    let null = try FileSystem.open("/dev/null", for: .read)
    var calls = [0, 0]
    let first = try loop.add(file.number, interest: .writable) { readiness in
      #expect(readiness == .writable)
      calls[0] += 1
    }
    let second = try loop.add(null.number, interest: .readable) { _ in calls[1] += 1 }
    try loop.runOnce()
    try loop.runOnce()
    #expect(calls == [2, 2])
    try loop.update(first, interest: [])
    try loop.runOnce()
    #expect(calls == [2, 3])
    try loop.update(first, interest: .writable)
    loop.remove(second)
    try loop.runOnce()
    #expect(calls == [3, 3])
  }

  @Test func aClosedDescriptorIsRefused() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    #expect(throws: Errno(code: 17)) {
      try loop.add(pipe.reading, interest: .readable) { _ in }
      try loop.add(pipe.reading, interest: .readable) { _ in }
    }
    #expect(throws: Errno.badDescriptor) { try loop.add(9999, interest: .readable) { _ in } }
  }

  @Test func removingASourceReleasesItsHandler() throws {
    final class Token {}
    let loop = try EventLoop()
    let pipe = try TestPipe()
    weak var captured: Token?
    let id: SourceID
    do {
      let token = Token()
      captured = token
      id = try loop.add(pipe.reading, interest: .readable) { _ in _ = token }
    }
    #expect(captured != nil)
    loop.remove(id)
    #expect(captured == nil)
  }

  @Test func moreReadySourcesThanOneWaitReportsAreAllServed() throws {
    let loop = try EventLoop()
    let pipes = try readablePipes(300)
    var served: Set<Int32> = []
    for pipe in pipes {
      try loop.add(pipe.reading, interest: .readable) { _ in served.insert(pipe.reading) }
    }
    try loop.run(until: { served.count == 300 })
    #expect(served.count == 300)
  }

  @Test func theEndOfATurnComesAfterItsSourcesAndTimers() throws {
    let loop = try EventLoop()
    let pipes = try readablePipes(1)
    var order: [String] = []
    loop.schedule(after: .zero) { order.append("timer") }
    try loop.add(pipes[0].reading, interest: .readable) { _ in
      order.append("source")
      loop.atEndOfTurn {
        order.append("end")
        loop.atEndOfTurn { order.append("end of the end") }
      }
    }
    try loop.runOnce()
    #expect(order == ["source", "timer", "end", "end of the end"])
  }

  @Test func anEndOfTurnThatPutsItselfOffForEverDoesNotHoldTheLoop() throws {
    let loop = try EventLoop()
    var rounds = 0
    func again() {
      rounds += 1
      loop.atEndOfTurn(again)
    }
    loop.atEndOfTurn(again)
    loop.schedule(after: .milliseconds(2)) { loop.stop() }
    try loop.run()
    #expect(rounds > 1)
  }
}
