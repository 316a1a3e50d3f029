import EddyEventLoop
import EddyProcess
public import EddyRun

/// A run's failure with what helps to understand it: what the node was about to say, and the end of
/// its log.
public struct FailureReport: Error, Sendable {
  /// What the node did.
  public var failure: RunFailure
  /// What the node printed last, if that lacks its newline; at most the beginning.
  public var unfinishedLine: [UInt8]
  /// The last lines of the node's log.
  public var logTail: [String]
  /// Where the whole log is.
  public var logPath: String

  /// How many lines of the log are shown.
  private static let tailLength = 20

  init(_ failure: RunFailure, unfinishedLine: [UInt8], logPath: String) {
    self.failure = failure
    self.unfinishedLine = unfinishedLine
    self.logPath = logPath
    logTail = (try? Self.lastLines(Self.tailLength, of: logPath)) ?? []
  }

  /// How much of the log's end is read.
  private static let tailSize = 256 << 10

  private static func lastLines(_ count: Int, of path: String) throws(Errno) -> [String] {
    let file = try FileSystem.open(path, for: .read)
    var reader = LineReader(maximumLength: 10_000)
    var lines: [String] = []
    func take(_ line: LineReader.Line) {
      if lines.count == count { lines.removeFirst() }
      switch line {
      case .complete(let bytes): lines.append(String(decoding: bytes, as: UTF8.self))
      case .overlong(let length): lines.append("(a line of \(length) bytes)")
      }
    }
    // What comes before that place is in no line that is shown, or in one that is cut.
    var isCut = try file.seek(backFromEnd: tailSize) > 0
    // A process that the node has started may write on, as fast as this reads.
    var unread = tailSize
    while unread > 0 {
      let count = try reader.fill { (room) throws(Errno) in
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room.prefix(unread)))
      }
      guard let count, count > 0 else { break }
      unread -= count
      while let line = reader.next() {
        if !isCut { take(line) }
        isCut = false
      }
    }
    if let line = reader.finish() { take(line) }
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
      "The last thing it printed has no newline at its end, so it is no message yet:",
      "  \(text)",
      "Each message must end in a newline, and be flushed.",
    ]
  }

  private var logExplained: [String] {
    guard !logTail.isEmpty else { return ["Its log is empty: \(logPath)"] }
    return ["The end of its log, \(logPath):"] + logTail.map { "  \($0)" }
  }
}
