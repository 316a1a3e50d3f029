import EddyEventLoop
import EddyProcess
import EddyRun
import Foundation
import Testing

@testable import EddyProcessCluster

/// What programs may leave unread, and log, is bounded.
@Suite struct ClusterLimitTests {
  /// Runs an echo node that breaks in the given way; returns why the run failed, and how long the log is.
  private func broken(_ fault: String, limits: ResourceLimits) throws -> (
    report: FailureReport?, logLength: Int
  ) {
    let directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)").path
    try FileSystem.makeDirectories(directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let options = TestOptions(workload: "echo", nodes: ["n0"], timeLimit: .seconds(5), rate: 50)
    let run = TestRun(options, workload: EchoWorkload(options))
    run.limits = limits
    let loop = try EventLoop()
    let cluster = ProcessCluster(
      run, program: try Program(path: Files.node("broken"), arguments: [fault]), logDirectory: directory,
      on: loop)
    cluster.onEnd = { loop.stop() }
    cluster.begin()
    try loop.run()
    return (cluster.failure, try FileSystem.length(of: "\(directory)/n0.log"))
  }

  @Test func aLogThatGrowsWithoutEndEndsTheRun() throws {
    var limits = ResourceLimits()
    limits.logFiles = 1 << 20
    let (report, length) = try broken("logs_without_end", limits: limits)
    let words = try #require(report).description
    #expect(words.contains("node n0 has logged"), "\(words)")
    #expect(words.contains("more than the 1 MiB that a run keeps"), "\(words)")
    // The node rests after each 64 KiB, so that little is added between two looks.
    #expect(length < 64 << 20)
  }

  @Test func inputThatIsNotReadEndsTheRun() throws {
    var limits = ResourceLimits()
    limits.unreadInput = 1 << 20
    let (report, _) = try broken("reads_nothing", limits: limits)
    let words = try #require(report).description
    #expect(words.contains("node n0 has 1 MiB of messages waiting that it has not read"), "\(words)")
    #expect(words.contains(#"of them "noise" to n0"#), "\(words)")
  }
}
