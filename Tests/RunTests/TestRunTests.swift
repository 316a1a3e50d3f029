import EddyNode
import EddyRun
import EddyTiming
import Testing

/// A run of one echo node, whose part the test plays.
struct TestRunTests {
  private let run: TestRun

  init() {
    let options = TestOptions(
      workload: "echo", nodes: ["n0"], concurrency: 1, timeLimit: .seconds(60), rate: 1_000_000)
    run = TestRun(options, workload: EchoWorkload(options))
    run.begin(at: .zero)
  }

  /// What the node has been told since it was last asked.
  private func requests() throws -> [Message] {
    try run.takeActions().compactMap { action in
      guard case .deliver(let line, _) = action else { return nil }
      return try Message(parsing: line)
    }
  }

  private func answer(_ request: Message, _ fields: String = "", at now: Instant) throws {
    let id = try #require(request.id)
    let body = #"{"type":"\#(request.type)_ok","in_reply_to":\#(id)\#(fields)}"#
    let line = #"{"src":"n0","dest":"\#(request.source)","body":\#(body)}"#
    Array(line.utf8).withUnsafeBytes { run.receive($0, from: 0, at: now) }
    run.advance(to: now)
  }

  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  @Test func nothingIsDueWhileAllClientsWaitForAnswers() throws {
    try answer(#require(requests().first), at: Self.at(1))
    #expect(try requests().map(\.type) == ["echo"])
    // The operation due within two microseconds has no client; the next event is a time-out.
    #expect(run.nextDeadline == Self.at(1) + TestOptions.requestTimeout)
  }

  @Test func aClientThatHasItsAnswerIsGivenAnOverdueOperationAtOnce() throws {
    try answer(#require(requests().first), at: Self.at(1))
    for millisecond in 2..<100 {
      let echo = try requests()
      #expect(echo.count == 1)
      try answer(echo[0], #","echo":\#(echo[0].raw("echo"))"#, at: Self.at(millisecond))
    }
    #expect(run.progress.ok == 98)
  }

  @Test func anOperationThatIsNotDueYetWaitsThoughAClientIsFree() throws {
    try answer(#require(requests().first), at: Self.at(1))
    let echo = try #require(requests().first)
    try answer(echo, #","echo":\#(echo.raw("echo"))"#, at: Self.at(1))
    #expect(try requests().isEmpty)
    let due = try #require(run.nextDeadline)
    #expect(due > Self.at(1))
    run.advance(to: due)
    #expect(try requests().map(\.type) == ["echo"])
  }
}
