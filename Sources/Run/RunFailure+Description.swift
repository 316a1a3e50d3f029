import EddyHistory
import EddyNetwork

// What a person reads: the failure, and what to look for in the node's program.

extension RunFailure: CustomStringConvertible {
  public var description: String { [causeInWords, traffic].compactMap { $0 }.joined(separator: "\n") }

  private var causeInWords: String {
    switch cause {
    case .crashed, .ended, .closed, .notStarted: programInWords
    case .malformedLine, .additionalKey, .overlongLine, .unknownDestination, .unknownSource: lineInWords
    case .endlessExchange, .endlessTimers, .processes, .unreadInput, .messagesInFlight, .log: excessInWords
    case .noAnswer(let request):
      """
      node \(node) did not answer "\(request)" in time. \
      Does it read standard input line by line, and flush each line it prints?
      """
    case .setupFailed(let expected, let got):
      "node \(node) should have answered with \(expected), but answered \(got)"
    }
  }

  /// What happened to the node's program.
  private var programInWords: String {
    switch cause {
    case .crashed(let status): "node \(node) crashed: \(status)"
    case .ended:
      """
      node \(node) ended by itself with exit status 0, before the run was over. \
      A node must run until its standard input is closed or it is killed.
      """
    case .closed(let stream): "node \(node) closed its \(stream) and runs on, but cannot take part any more"
    case .notStarted(let reason): "node \(node) could not be started: \(reason)"
    default: ""
    }
  }

  /// What is wrong with a line that the node printed.
  private var lineInWords: String {
    switch cause {
    case .malformedLine(let line, _, _) where line.isEmpty:
      """
      node \(node) printed an empty line on standard output, which is not a message.
      \(Self.adviceOnOutput)
      """
    case .malformedLine(let line, let offset, let reason):
      """
      node \(node) printed a line on standard output that is not a message: \(reason), at byte \(offset).
        \(Self.excerpt(line, marking: offset))
      \(Self.adviceOnOutput)
      """
    case .additionalKey(let key, let line, let offset):
      """
      node \(node) sent a message with the key "\(key)" beside "body", at byte \(offset).
        \(Self.excerpt(line, marking: offset))
      A message has the keys src, dest and body, and may have an integer id; anything else belongs in its body.
      """
    case .overlongLine(let length, let limit):
      "node \(node) printed a line of \(length) bytes; the limit is \(limit)"
    case .unknownDestination(let name, let line):
      """
      node \(node) sent a message to "\(name)", which is not a node, client or service of this run.
        \(Self.excerpt(line).text)
      """
    case .unknownSource(let name, let line):
      """
      node \(node) sent a message from "\(name)", which is not a node, client or service of this run.
        \(Self.excerpt(line).text)
      """
    default: ""
    }
  }

  private static let adviceOnOutput =
    "Standard output is for messages, one JSON object per line; debugging output belongs on standard error."

  /// Which limit the node exceeded, and a likely cause.
  private var excessInWords: String {
    switch cause {
    case .endlessExchange(let count):
      """
      node \(node) sent the last of \(count) messages at one instant. \
      Do nodes answer each other's answers, or retry at once after an error?
      """
    case .endlessTimers(let count):
      """
      node \(node) had timers expire \(count) times at one instant. \
      Does a timer set itself again without any delay?
      """
    case .processes(let count):
      "node \(node) has started more than \(count) processes that run at a time. Does it start them without end?"
    case .unreadInput(let bytes):
      """
      node \(node) has \(bytes >> 20) MiB of messages waiting that it has not read from its standard input. \
      Does it keep reading while it writes, and keep up with its input?
      """
    case .messagesInFlight(let load, let limit):
      """
      node \(node) sent the last of \(load.messages.grouped) messages (\(load.bytes >> 20) MiB) that are in flight \
      at once; the limit is \(limit.messages.grouped) messages or \(limit.bytes >> 20) MiB. \
      Does each message that a node receives make it send more than one?
      """
    case .log(let bytes, let limit):
      """
      node \(node) has logged \(bytes >> 20) MiB on standard error, the most of all nodes, which together have \
      logged more than the \(limit >> 20) MiB that a run keeps. Does it log each message, or without end?
      """
    default: ""
    }
  }
}

// MARK: - Excerpts

extension RunFailure {
  /// The part of the line around `offset`, and below it a caret under that byte.
  private static func excerpt(_ line: [UInt8], marking offset: Int) -> String {
    let (text, column) = excerpt(line, around: offset)
    return text + "\n  " + String(repeating: " ", count: column) + "^"
  }

  /// The part of the line around `offset`, with unprintable bytes escaped, and the column of that byte.
  private static func excerpt(_ line: [UInt8], around offset: Int = 0) -> (text: String, column: Int) {
    let start = max(0, offset - 60)
    var (text, column) = (start > 0 ? "…" : "", 0)
    for (index, byte) in line.enumerated().dropFirst(start).prefix(120) {
      if index == offset { column = text.count }
      text +=
        (0x20..<0x7F).contains(byte)
        ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    if offset >= line.count { column = text.count }
    if line.count > start + 120 { text += "…" }
    return (text, column)
  }
}
