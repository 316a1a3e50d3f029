/// The severity of a log line.
public enum LogLevel: Int, Comparable, Sendable, CaseIterable {
  /// In the order of severity.
  case debug, info, warning, error

  public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// A node's log lines, kept until the driver takes them.
///
/// A line is `LEVEL TIME NODE EVENT key=value …`, with quotes around a value that needs them, so that people
/// and `grep` can read it.
struct Log {
  var level: LogLevel
  private(set) var lines: [String] = []

  init(level: LogLevel) { self.level = level }

  mutating func append(
    _ level: LogLevel, at time: String, node: String, _ event: String, _ fields: KeyValuePairs<String, String>
  ) {
    var line = "\(level) \(time) \(node.isEmpty ? "-" : node) \(event)"
    for (key, value) in fields { line += " \(key)=\(Self.quoted(value))" }
    lines.append(line)
  }

  mutating func take() -> [String] {
    defer { lines.removeAll(keepingCapacity: true) }
    return lines
  }

  private static func quoted(_ value: String) -> String {
    let plain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 < 0x7F }
    return plain ? value : JSONValue.string(value).description
  }
}
