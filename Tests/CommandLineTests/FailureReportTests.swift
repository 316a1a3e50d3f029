import EddyEventLoop
import EddyRun
import Foundation
import Testing

@testable import EddyProcessCluster

/// What is told of a node that ended a run.
@Suite struct FailureReportTests {
  private func report(_ log: URL) -> FailureReport {
    FailureReport(RunFailure(.noAnswer(to: "init"), node: "n0"), unfinishedLine: [], logPath: log.path)
  }

  // A log may be larger than memory, and takes minutes to read from its beginning.
  @Test(.timeLimit(.minutes(1))) func onlyTheEndOfALogIsRead() throws {
    let log = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: log) }
    try Data().write(to: log)
    let file = try FileHandle(forWritingTo: log)
    try file.truncate(atOffset: 1 << 40)  // Has no blocks on the disk.
    try file.seekToEnd()
    try file.write(contentsOf: Data((0..<30).map { "line \($0)\n" }.joined().utf8))
    #expect(report(log).logTail == (10..<30).map { "line \($0)" })
  }

  @Test func aShortLogIsShownWhole() throws {
    let log = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: log) }
    try "first\nlast".write(to: log, atomically: true, encoding: .utf8)
    #expect(report(log).logTail == ["first", "last"])
  }
}
