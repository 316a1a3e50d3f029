import Foundation
import Testing

/// `mistakes.py` plants mistakes in the engine to see whether the campaign finds them.
struct RaftMistakesTests {
  @Test func everyMistakeCanBePlantedInTheSourcesAsTheyAre() throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "mistakes.py")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-B", script.path, "--check"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.contains("22 mistakes can be planted"))
  }
}
