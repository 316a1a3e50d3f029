import EddyEventLoop
import EddyProcess
import EddyTiming
import PipeTesting
import Testing

@Suite struct BufferedOutputTests {
  init() { System.ignoreBrokenPipes() }

  @Test func whatATurnQueuesGoesOutAtItsEnd() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop)
    loop.schedule(after: .zero) {
      output.write("one\n")
      #expect(output.count == 4)
      output.write("two\n")
    }
    try loop.run()
    #expect(output.count == 0)
    #expect(try pipe.read() == "one\ntwo\n")
  }

  @Test func aBurstThroughAFullPipeToASlowReaderArrivesWhole() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let mark = 128 << 10
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop, highWaterMark: mark)
    let total = 10 << 20
    let chunk = [UInt8](0..<250)

    // Writes whenever the output is not full; the reader takes a little of what is there.
    var produced = 0
    var largest = (count: 0, capacity: 0)
    var drains = 0
    func produce() {
      while produced < total, !output.isFull {
        let part = chunk.prefix(total - produced)
        part.withUnsafeBytes(output.write)
        produced += part.count
      }
      largest = (max(largest.count, output.count), max(largest.capacity, output.capacity))
      if produced == total { output.finish() }
    }
    output.onDrain = {
      drains += 1
      #expect(output.count <= mark / 4)
      produce()
    }
    produce()

    var received: [UInt8] = []
    received.reserveCapacity(total)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 30_000, alignment: 1)
    defer { buffer.deallocate() }
    var source: SourceID?
    source = try loop.add(pipe.reading, interest: .readable) { _ in
      let count = try! pipe.readEnd!.read(into: buffer)!
      received.append(contentsOf: buffer.prefix(count))
      if count == 0, let source { loop.remove(source) }
    }
    try loop.run()

    var expected: [UInt8] = []
    while expected.count < total { expected += chunk.prefix(total - expected.count) }
    #expect(received.count == total)
    #expect(received == expected)
    #expect(largest.count < mark + chunk.count)
    #expect(largest.capacity <= 4 * mark)
    #expect(drains > 10)
  }

  @Test func memoryIsGivenBackAfterABurst() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop)
    output.write(String(repeating: "x", count: 4 << 20))
    #expect(output.capacity >= 4 << 20)
    var received = 0
    try loop.add(pipe.reading, interest: .readable) { _ in received += try! pipe.read()!.utf8.count }
    try loop.run { received == 4 << 20 }
    #expect(output.capacity == 0)
  }

  @Test func aClosedReaderIsReportedOnceAsABrokenPipe() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop)
    var failures: [Errno] = []
    var isEmpty = false
    output.onFailure = { failures.append($0) }
    pipe.readEnd = nil
    // A process that another test is just starting may hold the end open for a moment.
    while output.failure == nil {
      output.write("one\n")
      output.whenEmpty { isEmpty = true }
      try loop.runOnce(maximumWait: .zero)
    }
    output.write("two\n")
    try loop.run()
    #expect(failures == [.brokenPipe])
    #expect(output.failure == .brokenPipe)
    #expect(isEmpty)
    #expect(output.count == 0)
  }

  @Test func aReaderThatClosesWhileTheOutputWaitsIsReported() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop)
    output.write(String(repeating: "x", count: 1 << 20))
    try loop.runOnce()
    #expect(output.count > 0)
    pipe.readEnd = nil
    try loop.run()
    #expect(output.failure == .brokenPipe)
  }

  @Test func aFullDeviceIsReported() throws {
    let loop = try EventLoop()
    let output = try BufferedOutput(try FileSystem.open("/dev/full", for: .write), on: loop)
    output.write("one\n")
    try loop.run()
    #expect(output.failure == .noSpace)
  }

  /// Who asks or writes never meets its own callback half-way.
  @Test func nobodyIsCalledFromWithinACall() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop, highWaterMark: 4)
    var told: [String] = []
    output.onDrain = { told.append("drain") }
    output.onFailure = { told.append("failure \($0)") }
    loop.schedule(after: .zero) {
      output.whenEmpty { told.append("empty at once") }
      output.write("12345")
      output.whenEmpty { told.append("empty") }
      output.flush()
      #expect(told == [])
    }
    try loop.run()
    #expect(told.sorted() == ["drain", "empty", "empty at once"])

    let full = try BufferedOutput(try FileSystem.open("/dev/full", for: .write), on: loop)
    full.onFailure = { told.append("failure \($0)") }
    told = []
    loop.schedule(after: .zero) {
      "x".utf8.withContiguousStorageIfAvailable { full.writeNow(UnsafeRawBufferPointer($0)) }
      full.whenEmpty { told.append("empty") }
      #expect(told == [])
    }
    try loop.run()
    #expect(told == ["failure \(Errno.noSpace)", "empty"])
  }

  /// What is written between asking for the end and the end of the turn still goes out.
  @Test func emptyIsToldOnlyWhileNothingIsQueued() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop)
    loop.schedule(after: .zero) {
      output.finish()
      output.write("last")
    }
    try loop.run()
    #expect(try pipe.readAll() == "last")
  }

  @Test func whoIsClosedIsToldNothing() throws {
    let loop = try EventLoop()
    let output = try BufferedOutput(try FileSystem.open("/dev/full", for: .write), on: loop, highWaterMark: 1)
    var told = 0
    output.onDrain = { told += 1 }
    output.onFailure = { _ in told += 1 }
    loop.schedule(after: .zero) {
      output.write("12")
      output.whenEmpty { told += 1 }
      output.flush()
      output.close()
    }
    try loop.run()
    #expect(told == 0)
  }

  @Test func aRegularFileAndTheNullDeviceTakeAll() throws {
    let loop = try EventLoop()
    let path = temporaryPath("buffered-output")
    defer { try? FileSystem.remove(path) }
    let file = try BufferedOutput(try FileSystem.open(path, for: .replace), on: loop)
    let null = try BufferedOutput(try FileSystem.open("/dev/null", for: .write), on: loop)
    let text = String(repeating: "0123456789", count: 300_000)
    for output in [file, null] {
      output.write(text)
      output.finish()
    }
    try loop.run()
    let pipe = try TestPipe()
    pipe.readEnd = try FileSystem.open(path, for: .read)
    #expect(try pipe.readAll() == text)
    #expect(null.failure == nil)
  }

  @Test func finishingClosesAfterTheLastByte() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    let output = try BufferedOutput(pipe.takeWriteEnd(), on: loop)
    output.write("last")
    output.finish()
    try loop.run()
    #expect(try pipe.readAll() == "last")
  }
}
