import EddyEventLoop
import EddyProcess
public import EddyRun

/// A run's failure with details from the node: its last unfinished output and the end of its log.
public struct FailureReport: Error, Sendable {
  /// The failure.
  public var failure: RunFailure
  /// The beginning of the node's last output line, if the line has no newline; otherwise empty.
  public var unfinishedLine: [UInt8]
  /// The last lines of the node's log.
  public var logTail: [String]
  /// The path of the log.
  public var logPath: String

  /// The number of log lines shown.
  private static let tailLength = 20

  init(_ failure: RunFailure, unfinishedLine: [UInt8], logPath: String) {
    self.failure = failure
    self.unfinishedLine = unfinishedLine
    self.logPath = logPath
    logTail = (try? Self.lastLines(Self.tailLength, of: logPath)) ?? []
  }

  /// A report on a node whose log lines are in memory.
  package init(_ failure: RunFailure, unfinishedLine: [UInt8], log: [String], logPath: String) {
    self.failure = failure
    self.unfinishedLine = unfinishedLine
    self.logPath = logPath
    logTail = log.suffix(Self.tailLength)
  }

  /// The number of bytes read from the log's end.
  private static let tailSize = 256 << 10

  private static func lastLines(_ count: Int, of path: String) throws(Errno) -> [String] {
    let file = try FileSystem.open(path, for: .read)
    var splitter = LineSplitter(maximumLength: 10_000)
    var lines: [String] = []
    func take(_ line: LineSplitter.Line) {
      if lines.count == count { lines.removeFirst() }
      switch line {
      case .complete(let bytes): lines.append(String(decoding: bytes, as: UTF8.self))
      case .overlong(let length): lines.append("(a line of \(length) bytes)")
      }
    }
    // The first line may be cut; it is skipped unless the file is read from its start.
    var isCut = try file.seek(backFromEnd: tailSize) > 0
    // Stop after `tailSize` bytes: a process that the node has started may still be writing.
    var unread = tailSize
    while unread > 0 {
      let count = try splitter.fill { (room) throws(Errno) in
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room.prefix(unread)))
      }
      guard let count, count > 0 else { break }
      unread -= count
      while let line = splitter.next() {
        if !isCut { take(line) }
        isCut = false
      }
    }
    if let line = splitter.finish() { take(line) }
    return lines
  }
}

extension FailureReport: CustomStringConvertible {
  /// Several lines for a person.
  public var description: String {
    ([failure.description] + unfinishedLineExplained + logExplained).joined(separator: "\n")
  }

  private var unfinishedLineExplained: [String] {
    guard !unfinishedLine.isEmpty else { return [] }
    let text = String(decoding: unfinishedLine, as: UTF8.self)
    return [
      "The last thing it printed has no newline at its end, so it is not a complete message:",
      "  \(text)",
      "Each message must end in a newline, and be flushed.",
    ]
  }

  private var logExplained: [String] {
    guard !logTail.isEmpty else { return ["Its log is empty: \(logPath)"] }
    return ["The end of its log, \(logPath):"] + logTail.map { "  \($0)" }
  }
}
