import Foundation
import Testing

/// The command that a simulated run prints to be replayed by.
@Suite final class ReplayTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: store) }

  /// The first lines of a run's output: the command, and the digest of the history.
  private func take(_ text: String) throws -> (command: String, digest: Substring) {
    let lines = try #require(text.firstMatch(of: /replay: (eddy simulate .*)\ndigest: (\d+)/), "\(text)")
    return (String(lines.1), lines.2)
  }

  /// Runs the command that was printed, by a shell.
  private func replay(_ command: String) throws -> (command: String, digest: Substring) {
    let script = #"eddy() { command=$1; shift; "$0" "$command" --store "$STORE" "$@"; }; "#
    return try take(
      output(
        of: "/usr/bin/env",
        ["STORE=\(store.path)", "/bin/sh", "-c", script + command, Files.executable("eddy")]
      )
      .text)
  }

  @Test(arguments: [
    [], ["--node-count", "3"], ["--nodes", "left,right"],
    ["--latency", "20", "--latency-dist", "exponential", "--receivers", "independent", "--rate", "50"],
    ["--nemesis", "partition,kill", "--nemesis-interval", "0.5", "--concurrency", "2n"],
    ["--clock-skew", "100", "--clock-drift", "50", "--slow-nodes", "1", "--sluggishness", "30"],
    ["--availability", "total", "--time-limit", "0.1"], ["--without", "0-2,5"],
    ["--swarm", "--rate", "20"],
  ])
  func theCommandGivesTheSameRun(flags: [String]) throws {
    let first = try take(
      eddy(
        ["simulate", "-w", "broadcast", "--store", store.path, "--time-limit", "2", "--seed", "3"] + flags
          + ["--", "--window", "300"]
      ).text)
    let second = try replay(first.command)
    #expect(first.digest == second.digest)
    #expect(first.command == second.command)
    #expect(first.command.hasSuffix(" -- --window 300"))
  }
}
