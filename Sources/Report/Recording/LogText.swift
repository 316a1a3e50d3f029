public import EddyHistory
public import EddyTiming

/// A parsed log line of an Eddy node: `LEVEL TIME ms NODE EVENT key=value …`.
///
/// Other nodes use other formats. Their lines are not parsed and do not appear in diagrams, because their
/// time is unknown.
public struct LogText {
  enum Level: String { case debug, info, warning, error }

  var level: Level
  /// The time on the node's clock: the end of the microsecond in the line, so that the line comes after its
  /// cause.
  var time: Instant
  /// The event, without its fields.
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

  /// The exact value of a text such as `1234.567`.
  private static func nanoseconds(milliseconds text: Substring) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.count == 3, let whole = Int(parts[0]),
      let micro = Int(parts[1]), whole >= 0, whole < Int.max / 2_000_000, micro >= 0
    else { return nil }
    return whole * 1_000_000 + micro * 1000 + 999
  }

  /// The lines with a known time, relative to `origin` on the nodes' clock.
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
