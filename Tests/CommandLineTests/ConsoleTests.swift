import EddyNode
import EddyTiming
import Testing

@testable import EddyHistory
@testable import EddyRun
@testable import EddyTool

/// The line that tells how a run goes.
@Suite struct ProgressReportTests {
  private static let parts = [
    ProgressReport.Part(text: "running, 12 s left", rank: 0), .init(text: "98.7 op/s", rank: 4),
    .init(text: "1.07 msgs/op", rank: 5), .init(text: "1234 ok, 0 fail, 2 info", rank: 3),
    .init(text: "partition", rank: 1),
  ]

  @Test(arguments: [
    ("plain\ttext\n  ä → 🙂", "plain\ttext\n  ä → 🙂"), ("\u{1B}[2J", #"\x1b[2J"#),
    ("a\r\nb\u{7}\u{0}\u{7F}\u{9B}1m", #"a\x0d\#nb\x07\x00\x7f\x9b1m"#),
  ])
  func whatNodesSayDoesNotCommandTheTerminal(text: String, shown: String) {
    #expect(Console.printable(text) == shown)
  }

  @Test(arguments: [nil, 200])
  func aWideTerminalShowsAll(width: Int?) {
    #expect(
      ProgressReport.text(Self.parts, fitting: width)
        == "running, 12 s left · 98.7 op/s · 1.07 msgs/op · 1234 ok, 0 fail, 2 info · partition")
  }

  @Test func aNarrowTerminalKeepsTheFault() {
    #expect(
      ProgressReport.text(Self.parts, fitting: 59)
        == "running, 12 s left · 1234 ok, 0 fail, 2 info · partition")
    for width in 30..<90 {
      let text = ProgressReport.text(Self.parts, fitting: width)
      #expect(text.count <= width)
      #expect(text.hasPrefix("running") && text.hasSuffix("partition"))
    }
  }

  @Test func crashesThatTheWorkloadAskedForAreNamed() {
    var progress = Progress()
    progress.ok = 7
    progress.indeterminate = 5
    #expect(ProgressReport.counts(progress) == "7 ok, 0 fail, 5 info")
    progress.crashed = 4
    #expect(ProgressReport.counts(progress) == "7 ok, 0 fail, 5 info (4 of them the workload's own crashes)")
  }
}

/// The lines of `--log-ops`.
@Suite struct OperationLogTests {
  @Test func anEntryIsOneLine() {
    let operation = Operation(
      time: .zero + .milliseconds(1_234), process: .client(3), kind: .info, function: "txn",
      value: RawJSON(encoding: JSONValue.string(String(repeating: "x", count: 200))),
      error: OperationError(name: "crash", text: "no room"))
    #expect(
      OperationLog.line(operation)
        == "1.234 s  process 3  info  txn  \"\(String(repeating: "x", count: 78))…  crash: no room")
  }
}
