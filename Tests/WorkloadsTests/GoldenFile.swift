import Foundation
import Testing

/// Texts as they were when a person last read them. `make transcripts` writes them anew.
enum GoldenFile {
  /// Expects the text to be that of `Transcripts/NAME.txt`.
  static func check(_ text: String, _ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Transcripts/\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_TRANSCRIPTS"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "\(name) differs from its golden file")
  }
}
