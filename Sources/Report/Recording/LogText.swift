public import EddyHistory
public import EddyTiming

/// A line that a node of Eddy's has logged, taken apart: `LEVEL TIME ms NODE EVENT key=value …`.
///
/// Nodes of other makes log as they like: what does not read so is no `LogText`, and has no place on
/// a diagram because nobody knows when it was written.
public struct LogText {
  enum Level: String { case debug, info, warning, error }

  var level: Level
  /// On the node's clock: the end of the microsecond that the line names, so that it comes after what
  /// brought it about.
  var time: Instant
  /// What happened, without the fields.
  var event: String

  init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
    guard words.count == 5, words[2] == "ms", let level = Level(rawValue: String(words[0])),
      let time = Self.nanoseconds(milliseconds: words[1]), let instant = try? Instant(recorded: time)
    else { return nil }
    self.level = level
    self.time = instant
    event = words[4].split(separator: " ").prefix { !$0.contains("=") }.joined(separator: " ")
  }

  /// Reads `1234.567`, to the last digit.
  private static func nanoseconds(milliseconds text: Substring) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.count == 3, let whole = Int(parts[0]),
      let micro = Int(parts[1]), whole >= 0, whole < Int.max / 2_000_000, micro >= 0
    else { return nil }
    return whole * 1_000_000 + micro * 1000 + 999
  }

  /// The lines that tell when they were written, their times counted from `origin` on the nodes' clock.
  public static func marks(of logs: [[String]], origin: Instant) -> [LogLine] {
    logs.enumerated().flatMap { node, lines in
      lines.compactMap { text in
        LogText(text).map {
          LogLine(time: Instant(nanoseconds: ($0.time - origin).nanoseconds), node: node, text: text)
        }
      }
    }
  }
}
