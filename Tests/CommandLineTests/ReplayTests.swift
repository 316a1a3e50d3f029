import Foundation
import Testing

/// The command that a simulated run prints to be replayed by.
@Suite final class ReplayTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: store) }

  /// The first lines of a run's output: the command, and the digest of the history.
  private func simulate(_ arguments: [String]) throws -> (command: [String], digest: Substring) {
    let text = try eddy(["simulate"] + arguments + ["--store", store.path]).text
    let lines = try #require(text.firstMatch(of: /replay: eddy simulate (.*)\ndigest: (\d+)/))
    return (lines.1.split(separator: " ").map(String.init), lines.2)
  }

  @Test(arguments: [
    [], ["--node-count", "3"], ["--nodes", "left,right"],
    ["--latency", "20", "--latency-dist", "exponential", "--receivers", "independent", "--rate", "50"],
    ["--nemesis", "partition,kill", "--nemesis-interval", "0.5", "--concurrency", "2n"],
    ["--clock-skew", "100", "--clock-drift", "50", "--slow-nodes", "1", "--sluggishness", "30"],
  ])
  func theCommandGivesTheSameRun(flags: [String]) throws {
    let first = try simulate(["-w", "broadcast", "--time-limit", "2", "--seed", "3"] + flags)
    let second = try simulate(first.command)
    #expect(first.digest == second.digest)
    #expect(first.command == second.command)
  }
}
