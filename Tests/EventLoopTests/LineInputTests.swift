import EddyEventLoop
import EddyProcess
import EddyTiming
import PipeTesting
import Testing

@Suite struct LineInputTests {
  /// Notes events as text.
  private final class Events {
    var all: [String] = []
    func note(_ event: LineInput.Event) {
      switch event {
      case .line(let bytes): all.append(String(decoding: bytes, as: UTF8.self))
      case .overlong(let length): all.append("<\(length)>")
      case .end(let error): all.append(error.map { "error: \($0)" } ?? "end")
      }
    }
  }

  @Test func linesAreHandedOnAndThenTheEnd() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let events = Events()
    _ = try LineInput(pipe.takeReadEnd(), on: loop, maximumLength: 4, handler: events.note)
    try pipe.write("one\ntoo long\n")
    try loop.runOnce()
    #expect(events.all == ["one", "<8>"])
    try pipe.write("two")
    pipe.writeEnd = nil
    try loop.run()
    #expect(events.all == ["one", "<8>", "two", "end"])
  }

  @Test func anUnterminatedLineCanBeLeftUnfinished() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let events = Events()
    let input = try LineInput(
      pipe.takeReadEnd(), on: loop, acceptsUnterminatedLine: false, handler: events.note)
    try pipe.write("one\ntwo")
    try loop.runOnce()
    #expect(input.unfinishedLine(atMost: 2) == Array("tw".utf8))
    pipe.writeEnd = nil
    try loop.run()
    #expect(events.all == ["one", "end"])
    #expect(input.unfinishedLine(atMost: 100) == Array("two".utf8))
  }

  @Test func aRegularFileIsReadToItsEnd() throws {
    let path = temporaryPath("line-input")
    let lines = (0..<20_000).map { "line \($0)" }
    let pipe = try TestPipe()
    pipe.writeEnd = try FileSystem.open(path, for: .replace)
    defer { try? FileSystem.remove(path) }
    try pipe.write(lines.joined(separator: "\n"))

    let loop = try EventLoop()
    let events = Events()
    _ = try LineInput(try FileSystem.open(path, for: .read), on: loop, handler: events.note)
    try loop.run()
    #expect(events.all == lines + ["end"])
  }

  @Test func theNullDeviceEndsAtOnce() throws {
    let loop = try EventLoop()
    let events = Events()
    _ = try LineInput(try FileSystem.open("/dev/null", for: .read), on: loop, handler: events.note)
    try loop.run()
    #expect(events.all == ["end"])
  }

  @Test func aReadErrorIsTheEnd() throws {
    let loop = try EventLoop()
    let events = Events()
    _ = try LineInput(try FileSystem.open("/tmp", for: .read), on: loop, handler: events.note)
    try loop.run()
    #expect(events.all == ["error: Is a directory (EISDIR)"])
  }

  @Test func aPauseHoldsBackLinesAlreadyReadAndTheEnd() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let events = Events()
    var input: LineInput?
    input = try LineInput(pipe.takeReadEnd(), on: loop) { event in
      events.note(event)
      input?.pause()
    }
    try pipe.write("one\ntwo\nthree")
    pipe.writeEnd = nil
    for expected in [["one"], ["one", "two"], ["one", "two", "three"], ["one", "two", "three", "end"]] {
      try loop.runOnce(maximumWait: .zero)
      try loop.runOnce(maximumWait: .zero)
      #expect(events.all == expected)
      input?.resume()
    }
    try loop.run()
    #expect(events.all.count == 4)
  }

  @Test func aPausedInputReadsNothing() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let events = Events()
    let input = try LineInput(pipe.takeReadEnd(), on: loop, handler: events.note)
    input.pause()
    try pipe.write("one\n")
    try loop.runOnce(maximumWait: .milliseconds(1))
    #expect(events.all == [])
    input.resume()
    try loop.run { !events.all.isEmpty }
    #expect(events.all == ["one"])
    input.close()
  }

  @Test func closingInTheHandlerEndsTheEvents() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let events = Events()
    var input: LineInput?
    input = try LineInput(pipe.takeReadEnd(), on: loop) { event in
      events.note(event)
      input?.close()
    }
    try pipe.write("one\ntwo\n")
    try loop.run()
    #expect(events.all == ["one"])
  }

  @Test func anEndedInputIsReleased() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    weak var released: LineInput?
    do {
      let input = try LineInput(pipe.takeReadEnd(), on: loop) { _ in }
      released = input
    }
    #expect(released != nil)
    pipe.writeEnd = nil
    try loop.run()
    #expect(released == nil)
  }
}
