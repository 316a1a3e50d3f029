import EddyNode
import Foundation
import Testing

/// What README shows of the command line.
@Suite struct ExampleTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The words that follow `start` in README, up to the end of the command.
  private func arguments(after start: String) throws -> [String] {
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let parts = readme.split(separator: start, maxSplits: 1)
    try #require(parts.count == 2, "README has a command \(start)")
    let command = try #require(parts[1].split(separator: "\n```", maxSplits: 1).first)
    return command.replacing("\\\n", with: " ").split(separator: " ").map {
      $0.hasPrefix("Examples/") ? root.appending(path: $0).path : String($0)
    }
  }

  /// The failure that README explains, by the command that it gives.
  @Test func theFailureOfTheReadmeIsFound() async throws {
    let run = try WorkbenchRun(["-w", "broadcast"] + arguments(after: "\neddy test -w broadcast "))
    #expect(try await run.exitCode() == 1)
    #expect(run.output.contains("\nInvalid: 1 anomaly: 1 lost.\n"))
    #expect(run.output.contains("lost: 0 is lost: it was acknowledged on n0"))
  }

  /// The program that README runs in virtual time, by the command that it gives, with one seed of its range.
  @Test func theProgramOfTheReadmeRunsInVirtualTime() throws {
    let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: store) }
    let words = try arguments(after: "\neddy simulate -w g-counter ")
    let range = try #require(words.firstIndex(of: "--seeds"))
    #expect(Array(words[range...]) == ["--seeds", "1..50", "--shrink"])
    let (_, text) = try eddy(
      ["simulate", "-w", "g-counter", "--store", store.path, "--seed", "1"] + words[..<range])
    #expect(text.contains("\nreproducible: yes"), "\(text)")
  }
}
