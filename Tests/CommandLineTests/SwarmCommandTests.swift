import Foundation
import Testing

/// `eddy simulate --swarm`.
@Suite struct SwarmCommandTests {
  private func exitCode(_ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: Files.executable("eddy"))
    process.arguments = ["simulate", "--swarm", "--seeds", "1..10", "--jobs", "1"] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func transactionsAreCheckedForWhatTheyPromiseUnlessToldOtherwise() throws {
    #expect(try exitCode("-w", "txn-rw-register") == 0)
    #expect(try exitCode("-w", "txn-rw-register", "--consistency-models", "strict-serializable") == 1)
  }
}
