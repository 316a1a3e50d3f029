import Timing

/// A line of a node's log taken apart: `LEVEL TIME ms NODE EVENT key=value …`.
///
/// Nodes of other makes log as they like: what does not read so is no `LogLine`, and has no place
/// on a diagram because nobody knows when it was written.
struct LogLine {
  enum Level: String { case debug, info, warning, error }

  var level: Level
  /// On the history's clock.
  var time: Instant
  /// What happened, without the fields.
  var event: String
  /// The whole line.
  var text: String

  init?(_ text: String, origin: Instant) {
    let words = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
    guard words.count == 5, words[2] == "ms", let level = Level(rawValue: String(words[0])),
      let time = Self.nanoseconds(milliseconds: words[1])
    else { return nil }
    self.level = level
    self.time = Instant(nanoseconds: time - origin.nanoseconds)
    self.text = text
    event = Self.event(words[4])
  }

  /// The words before the first `key=value`.
  private static func event(_ rest: Substring) -> String {
    rest.split(separator: " ").prefix { !$0.contains("=") }.joined(separator: " ")
  }

  /// Reads `1234.567`, to the last digit.
  private static func nanoseconds(milliseconds text: Substring) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.count == 3, let whole = Int64(parts[0]),
      let micro = Int64(parts[1]),
      whole >= 0, whole < Int64.max / 2_000_000, micro >= 0
    else { return nil }
    return whole * 1_000_000 + micro * 1000
  }
}
