import EddyNode
import Foundation
import Testing

/// What README shows of the command line.
@Suite struct ExampleTests {
  /// The failure that README explains, by the command that it gives.
  @Test func theFailureOfTheReadmeIsFound() async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let command = try #require(readme.firstMatch(of: /eddy test (-w broadcast --bin Examples[^`]*?)\n```/))
    let arguments = command.1.replacing("\\\n", with: " ").split(separator: " ").map(String.init)
    let run = try WorkbenchRun(
      arguments.map { $0.hasPrefix("Examples/") ? root.appending(path: $0).path : $0 })
    #expect(try await run.exitCode() == 1)
    #expect(run.output.contains("\nInvalid: 1 anomaly: 1 lost.\n"))
    #expect(run.output.contains("lost: 0 is lost: it was acknowledged on n0"))
  }
}
