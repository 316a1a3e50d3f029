import EddyEventLoop
import EddyNode
import EddyProcess
import Testing

/// What a daemon makes of good and of bad input.
@Suite struct DaemonProtocolTests {
  /// Runs on `lines` behind an `init`; returns what comes behind its reply.
  private func run(
    _ arguments: [String] = ["echo"], on lines: String...
  ) throws -> (output: [String], log: [String]) {
    let outcome = try DaemonProcess.run(arguments, on: [Line.initialize] + lines)
    #expect(outcome.exit == .code(0))
    #expect(outcome.output.first == Line.initializeReply)
    return (Array(outcome.output.dropFirst()), outcome.log)
  }

  /// Whether a line is a reply to `request` with this error.
  private func isError(_ code: Int, to request: Int, _ line: String) -> Bool {
    line.hasPrefix(
      #"{"src":"n1","dest":"c1","body":{"type":"error","in_reply_to":\#(request),"code":\#(code),"text":""#)
  }

  @Test func requestsAreAnsweredInOrder() throws {
    let (output, log) = try run(on: Line.echo(2), Line.echo(3, "[1,{}]"), Line.echo(4, "null"))
    #expect(output == [Line.echoReply(2), Line.echoReply(3, "[1,{}]"), Line.echoReply(4, "null")])
    #expect(log == [])
  }

  @Test func aRequestIsAnsweredWhileTheInputStaysOpen() throws {
    let daemon = try DaemonProcess()
    #expect(try daemon.ask(Line.initialize) == Line.initializeReply)
    #expect(try daemon.ask(Line.echo(2)) == Line.echoReply(2))
    #expect(try daemon.finish().exit == .code(0))
  }

  @Test(arguments: ["no json", "{\"src\":\"c1\",", "", "{\"src\":\"c1\"}}", "\u{1}", "{\"a\":01}"])
  func aLineThatIsNoJSONIsLoggedAndDropped(line: String) throws {
    let (output, log) = try run(on: line, Line.echo(2))
    #expect(output == [Line.echoReply(2)])
    #expect(log.count == 1)
    #expect(log[0].hasPrefix("warning "))
    #expect(log[0].contains("dropped a line offset="))
    #expect(log[0].contains("reason="))
  }

  @Test(arguments: ["{}", "[1]", "7", #"{"src":"c1","dest":"n1"}"#, #"{"src":"c1","dest":"n1","body":{}}"#])
  func aLineThatIsNoMessageIsLoggedAndDropped(line: String) throws {
    let (output, log) = try run(on: line, Line.echo(2))
    #expect(output == [Line.echoReply(2)])
    #expect(log.count == 1)
    #expect(log[0].contains("dropped a line offset="))
  }

  @Test func aMalformedBodyGetsError12() throws {
    let (output, _) = try run(on: Line.request(#""type":"echo","msg_id":2"#), Line.echo(3))
    #expect(isError(12, to: 2, output[0]))
    #expect(output[1] == Line.echoReply(3))
  }

  @Test func anUnknownTypeGetsError10() throws {
    let (output, _) = try run(on: Line.request(#""type":"fly","msg_id":2"#), Line.echo(3))
    #expect(isError(10, to: 2, output[0]))
    #expect(output[1] == Line.echoReply(3))
  }

  @Test func aRequestBeforeInitGetsError11() throws {
    let outcome = try DaemonProcess.run(on: [Line.echo(1), Line.initialize])
    #expect(outcome.output.count == 2)
    #expect(isError(11, to: 1, outcome.output[0]))
    #expect(outcome.output[1] == Line.initializeReply)
  }

  @Test func anInitThatNamesNoNodesGetsError12() throws {
    let outcome = try DaemonProcess.run(on: [#"{"src":"c1","dest":"n1","body":{"type":"init","msg_id":1}}"#])
    #expect(outcome.output.count == 1)
    #expect(outcome.output[0].contains(#""code":12,"#))
  }

  @Test func aSecondInitIsAnsweredAlikeOrGetsError12() throws {
    let other = Line.request(#""type":"init","msg_id":2,"node_id":"n2","node_ids":["n2"]"#)
    let (output, _) = try run(on: Line.initialize, other, Line.echo(3))
    #expect(output[0] == Line.initializeReply)
    #expect(isError(12, to: 2, output[1]))
    #expect(output[2] == Line.echoReply(3))
  }

  @Test func aReplyToNoPendingCallIsIgnored() throws {
    let (output, log) = try run(on: Line.request(#""type":"read_ok","in_reply_to":99"#), Line.echo(2))
    #expect(output == [Line.echoReply(2)])
    #expect(log == [])
  }

  @Test func anOverlongLineIsLoggedAndDropped() throws {
    let payload = "\"" + String(repeating: "x", count: 200_000) + "\""
    let long = Line.echo(2, payload)
    let (output, log) = try run(["echo", "--max-line", "100000"], on: long, Line.echo(3))
    #expect(output == [Line.echoReply(3)])
    #expect(log.count == 1)
    #expect(log[0].contains("\(long.utf8.count) bytes"))
  }

  @Test func aLongLineIsAnsweredWhole() throws {
    let payload = "\"" + String(repeating: "x", count: 3_000_000) + "\""
    let (output, log) = try run(on: Line.echo(2, payload))
    #expect(output == [Line.echoReply(2, payload)])
    #expect(log == [])
  }

  @Test func aLastLineWithoutANewlineIsAnswered() throws {
    let daemon = try DaemonProcess()
    daemon.write(Line.initialize)
    daemon.input.write(Line.echo(2))
    #expect(try daemon.finish().output == [Line.initializeReply, Line.echoReply(2)])
  }

  @Test func aWrongLogLevelIsAnsweredWithTheRightOnes() throws {
    let outcome = try DaemonProcess.run(["echo", "--log-level", "loud"], on: [])
    #expect(outcome.exit != .code(0))
    for level in LogLevel.allCases { #expect(outcome.log[0].contains("'\(level)'")) }
  }

  /// Starts the first of two nodes, gives it a value, and returns its first `count` messages
  /// to the other, which never answers.
  private func gossip(_ arguments: [String], count: Int) throws -> [String] {
    let daemon = try DaemonProcess(["broadcast", "--window", "10"] + arguments)
    daemon.write(Line.request(#""type":"init","msg_id":1,"node_id":"n1","node_ids":["n1","n2"]"#))
    daemon.write(Line.request(#""type":"broadcast","msg_id":2,"message":7"#))
    func messages() -> [String] { daemon.output.filter { $0.contains(#""dest":"n2""#) } }
    try daemon.run { messages().count >= count }
    return messages()
  }

  @Test func aNodesTimersFireWithoutInput() throws {
    // The later ones are retransmissions.
    #expect(try gossip([], count: 3).count >= 3)
  }

  @Test func aSeedFixesANodesRandomness() throws {
    /// The first id that a node gives out.
    func id(_ arguments: String...) throws -> String {
      let request = Line.request(#""type":"generate","msg_id":2"#)
      let outcome = try DaemonProcess.run(["unique-ids"] + arguments, on: [Line.initialize, request])
      return try #require(outcome.output.last)
    }
    let first = try id("--seed", "7")
    #expect(try id("--seed", "7") == first)
    #expect(try id("--seed", "8") != first)
    #expect(try id() != id())
  }
}
