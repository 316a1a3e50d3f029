import EddyEventLoop
import EddyProcess
import EddyTiming
import Glibc
import Testing

/// How a daemon treats its three streams, whatever they are, and how it ends.
@Suite struct DaemonStreamTests {
  /// Runs `eddy-node echo` under a shell with these redirections, on the script's own output.
  private func shell(_ redirections: String) throws -> (output: String, exit: ChildProcess.Exit) {
    let null = try FileSystem.open("/dev/null", for: .read)
    let pipe = Ends(try Pipe())
    let child = try ChildProcess(
      "/bin/sh", ["-c", "exec \"$0\" echo \(redirections)", DaemonProcess.path], standardInput: null,
      standardOutput: pipe.write!, standardError: pipe.write!)
    pipe.write = nil
    var output = ""
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
    defer { buffer.deallocate() }
    while let count = try pipe.read!.read(into: buffer), count > 0 {
      output += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    return (output, child.wait())
  }

  private func withFile<Result>(_ name: String, _ lines: [String], _ body: (String) throws -> Result) throws
    -> Result
  {
    let path = "/tmp/eddy-test-\(System.processID)-\(name)"
    let file = try FileSystem.open(path, for: .replace)
    defer { try? FileSystem.remove(path) }
    let bytes = Array(lines.joined(separator: "\n").utf8)
    try bytes.withUnsafeBytes { try file.writeAll($0) }
    return try body(path)
  }

  @Test func aFileIsAnsweredWhole() throws {
    let ids = 2..<5000
    try withFile("file", [Line.initialize] + ids.map { Line.echo($0) }) { path in
      let (output, exit) = try shell("< \(path)")
      #expect(exit == .code(0))
      #expect(
        output == ([Line.initializeReply] + ids.map { Line.echoReply($0) } + [""]).joined(separator: "\n"))
    }
  }

  @Test func aFileTakesTheAnswers() throws {
    try withFile("from", [Line.initialize]) { from in
      try withFile("to", []) { to in
        let (_, exit) = try shell("< \(from) > \(to)")
        let answers = try contents(to)
        #expect(exit == .code(0))
        #expect(answers == Line.initializeReply + "\n")
      }
    }
  }

  @Test func noInputIsAnEnd() throws {
    for redirection in ["< /dev/null", "<&-"] {
      let (output, exit) = try shell(redirection)
      #expect(output == "")
      #expect(exit == .code(0))
    }
  }

  @Test func aFullDeviceIsAFailureThatIsLogged() throws {
    try withFile("full", [Line.initialize]) { path in
      let (output, exit) = try shell("< \(path) > /dev/full")
      #expect(output.contains(#"cannot write standard output reason="No space left on device (ENOSPC)""#))
      #expect(exit == .code(1))
    }
  }

  @Test func anUnreadableInputIsAFailureThatIsLogged() throws {
    let (output, exit) = try shell("< /tmp")
    #expect(output.contains(#"cannot read standard input reason="Is a directory (EISDIR)""#))
    #expect(exit == .code(1))
  }

  @Test func theNullDeviceAndClosedStreamsTakeAll() throws {
    try withFile("null", [Line.initialize, "bad line"]) { path in
      for redirections in ["> /dev/null 2> /dev/null", ">&- 2>&-"] {
        let (_, exit) = try shell("< \(path) \(redirections)")
        #expect(exit == .code(0))
      }
      let (output, exit) = try shell("< \(path) 2>&-")
      #expect(output == Line.initializeReply + "\n")
      #expect(exit == .code(0))
    }
  }

  @Test func aReaderThatHasGoneAwayIsAQuietEnd() throws {
    let daemon = try DaemonProcess()
    #expect(try daemon.ask(Line.initialize) == Line.initializeReply)
    daemon.outputReader?.close()
    var exit: ChildProcess.Exit?
    try daemon.child.onExit(on: daemon.loop) { exit = $0 }
    // The input stays open: it is the output that ends the daemon. It is written to again and again,
    // for a process that another test is just starting may hold its reading end open for a moment.
    daemon.loop.schedule(every: .milliseconds(1)) { daemon.write(Line.echo(2)) }
    try daemon.run { exit != nil }
    #expect(exit == .code(0))
    #expect(daemon.log == [])
  }

  @Test func aSlowReaderGetsAllAndTheDaemonsMemoryStaysBounded() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.ask(Line.initialize)
    let status = "/proc/\(daemon.child.id)/status"
    let before = try #require(Int(try field("VmHWM", of: status).split(separator: " ")[0]))

    // Nothing is read until the daemon, whose own queue is full, takes no more input.
    daemon.outputReader?.pause()
    let payload = "\"" + String(repeating: "x", count: 10_000) + "\""
    let ids = 2..<3002
    for id in ids { daemon.write(Line.echo(id, payload)) }
    while daemon.input.count > 0 {
      let queued = daemon.input.count
      try daemon.loop.runOnce(maximumWait: .milliseconds(20))
      if daemon.input.count == queued { break }
    }
    #expect(daemon.input.count > 20_000_000)
    daemon.outputReader?.resume()
    try daemon.run { daemon.output.count > ids.count }

    let after = try #require(Int(try field("VmHWM", of: status).split(separator: " ")[0]))
    #expect(after - before < 8_000)
    let outcome = try daemon.finish()
    #expect(outcome.exit == .code(0))
    #expect(outcome.output.dropFirst() == ids.map { Line.echoReply($0, payload) }[...])
  }

  @Test func aLogThatNobodyReadsIsDroppedAndCounted() throws {
    let daemon = try DaemonProcess()
    daemon.logReader?.pause()
    let count = 20_000
    for _ in 0..<count { daemon.write("no message") }
    // The answer comes although nobody reads the log.
    #expect(try daemon.ask(Line.initialize) == Line.initializeReply)
    daemon.logReader?.resume()
    let outcome = try daemon.finish()
    #expect(outcome.exit == .code(0))
    let notices = outcome.log.filter { $0.hasPrefix("warning - - dropped ") }
    #expect(notices.count == 1)
    let notice = try #require(notices.first)
    let dropped = try #require(Int(notice.split(separator: " ")[4]))
    #expect(dropped + outcome.log.count - notices.count == count)
  }
}
