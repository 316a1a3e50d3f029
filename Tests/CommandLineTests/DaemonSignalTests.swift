import EddyEventLoop
import EddyProcess
import EddyTiming
import Glibc
import Testing

/// Signals, threads and what the daemon leaves behind.
@Suite struct DaemonSignalTests {
  @Test(arguments: [Signal.terminate, .interrupt])
  func aSignalEndsAnIdleDaemon(signal: Signal) throws {
    let daemon = try DaemonProcess()
    _ = try daemon.ask(Line.initialize)
    daemon.child.signal(signal)
    #expect(try daemon.waitForEnd().exit == .code(0))
  }

  @Test func aSignalWhileOutputIsQueuedLosesNone() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.ask(Line.initialize)
    // More than a pipe holds, less than makes the daemon stop reading.
    daemon.outputReader?.pause()
    let payload = "\"" + String(repeating: "x", count: 1000) + "\""
    let ids = 2..<502
    for id in ids { daemon.write(Line.echo(id, payload)) }
    try daemon.run { daemon.input.count == 0 && daemon.inputIsRead }
    daemon.child.signal(.terminate)
    daemon.outputReader?.resume()
    let outcome = try daemon.waitForEnd()
    #expect(outcome.exit == .code(0))
    #expect(outcome.output.dropFirst() == ids.map { Line.echoReply($0, payload) }[...])
  }

  @Test func aSecondSignalEndsADaemonThatNobodyReads() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.ask(Line.initialize)
    daemon.outputReader?.pause()
    let payload = "\"" + String(repeating: "x", count: 500_000) + "\""
    daemon.write(Line.echo(2, payload))
    try daemon.run { daemon.input.count == 0 && daemon.inputIsRead }
    var exit: ChildProcess.Exit?
    try daemon.child.onExit(on: daemon.loop) { exit = $0 }
    daemon.child.signal(.terminate)
    // Two that wait at once are one; a third might come when the daemon has ended and takes signals no more.
    let none = String(repeating: "0", count: 16)
    while try field("ShdPnd", of: "/proc/\(daemon.child.id)/status") != none {}
    daemon.child.signal(.terminate)
    try daemon.run { exit != nil }
    #expect(exit == .code(0))
  }

  @Test func beingStoppedAndContinuedGoesUnnoticed() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.ask(Line.initialize)
    for id in 2..<20 {
      // A stop interrupts the wait, even that of a process without a handler.
      daemon.child.signal(.stop)
      while try !field("State", of: "/proc/\(daemon.child.id)/status").hasPrefix("T") {}
      daemon.child.signal(.continue)
      #expect(try daemon.ask(Line.echo(id)) == Line.echoReply(id))
    }
    #expect(try daemon.finish().log == [])
  }

  @Test func theDaemonHasOneThread() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.ask(Line.initialize)
    _ = try daemon.ask(Line.echo(2))
    #expect(try field("Threads", of: "/proc/\(daemon.child.id)/status") == "1")
  }

  @Test func aSharedInputBlocksAgainAfterTheEnd() throws {
    // Bits of O_NONBLOCK in the octal flags that the kernel shows.
    func isNonBlocking(_ descriptor: Int32) throws -> Bool {
      let flags = try field("flags", of: "/proc/self/fdinfo/\(descriptor)")
      return try #require(Int(flags, radix: 8)) & Int(O_NONBLOCK) != 0
    }
    let daemon = try DaemonProcess()
    _ = try daemon.ask(Line.initialize)
    #expect(try isNonBlocking(daemon.sharedInput))
    daemon.child.signal(.terminate)
    #expect(try daemon.waitForEnd().exit == .code(0))
    #expect(try !isNonBlocking(daemon.sharedInput))
  }
}
