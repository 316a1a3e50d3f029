import EddyHistory
import EddyStore
import Foundation
import Testing

@Suite struct EDNTests {
  /// What Maelstrom says of an operation beyond what a history keeps, by a text that tells it is there.
  nonisolated(unsafe) private static let unkept: [(mark: String, text: Regex<Substring>)] = [
    (":unseen", /, :unseen \{.*(?=\}$)/), (":poll-ms", /, :poll-ms [0-9]+/),
  ]

  private func text(_ history: History) -> [String] {
    var lines: [String] = []
    EDNHistoryWriter.encode(history) { lines.append(String(decoding: $0.dropLast(), as: UTF8.self)) }
    return lines
  }

  @Test(arguments: RecordedRun.short)
  func aHistoryIsWrittenAsMaelstromWroteIt(run: RecordedRun) throws {
    let recorded = try run.recordedLines()
    let written = text(try run.history())
    #expect(written.count == recorded.count)
    let different = zip(written, recorded).filter { written, recorded in
      // A map of more than eight entries has them in no order, and a reply more than its payload.
      if recorded.contains(":exception") || recorded.contains("echo_ok") { return false }
      var recorded = String(recorded)
      for (mark, text) in Self.unkept where recorded.contains(mark) { recorded.replace(text, with: "") }
      return written != recorded
    }
    #expect(different.isEmpty)
  }

  @Test(arguments: RecordedRun.short)
  func aHistoryThatIsWrittenReadsBackAsItWas(run: RecordedRun) throws {
    let history = try run.history()
    let path = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString).edn").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text(history).joined(separator: "\n").utf8).write(to: URL(filePath: path))
    let again = try HistoryReader(path: path)
    #expect(again.warnings.isEmpty)
    #expect(HistoryFile.encode(again.history) == HistoryFile.encode(history))
  }
}
