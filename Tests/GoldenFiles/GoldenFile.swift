import Foundation

/// Texts as they were when a person last read them. `make transcripts` writes them anew.
package enum GoldenFile {
  /// The text of `Transcripts/NAME.txt` beside the test's file; `text` itself, once written there, if they are to be
  /// written anew.
  package static func text(of name: String, now text: String, beside test: String = #filePath) throws
    -> String
  {
    let file = URL(filePath: test).deletingLastPathComponent().appending(path: "Transcripts/\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_TRANSCRIPTS"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    return try String(contentsOf: file, encoding: .utf8)
  }
}
