import EddyHistory
public import EddyNetwork

/// Why a run could not be carried to its end: something a node did, in words.
public struct RunFailure: Error, Equatable, Sendable {
  /// What a node did.
  public enum Cause: Equatable, Sendable {
    /// The node's program ended by itself, other than with exit status 0.
    case crashed(status: String)
    /// The node's program ended by itself, with exit status 0.
    case ended
    /// The node closed its standard input or output, this one, and goes on.
    case closed(stream: String)
    /// The program could not be started.
    case notStarted(reason: String)
    /// The node printed a line that is no message.
    case malformedLine([UInt8], offset: Int, reason: String)
    /// The node sent a message, this line, with a key that none has, at this offset.
    case additionalKey(String, [UInt8], offset: Int)
    /// The node printed a line of this many bytes, more than the workbench takes.
    case overlongLine(length: Int, limit: Int)
    /// The node sent a message, this line, to somebody who does not exist.
    case unknownDestination(String, [UInt8])
    /// The node sent a message, this line, in the name of somebody who does not exist.
    case unknownSource(String, [UInt8])
    /// The nodes sent each other and the services more messages than this without any time passing;
    /// the last came from the node.
    case endlessExchange(count: Int)
    /// The node's timers expired more often than this without any time passing.
    case endlessTimers(count: Int)
    /// The node has left so many bytes of what it was sent unread.
    case unreadInput(bytes: Int)
    /// There are more messages on their way than a run holds; the node sent the last.
    case messagesUnderWay(NetworkLoad, limit: NetworkLoad)
    /// The nodes' logs are longer together than a run keeps, this many bytes; the node's is the longest.
    case log(bytes: Int, limit: Int)
    /// Nobody answered a request that the run needs answered.
    case noAnswer(to: String)
    /// The answer to such a request was another than expected.
    case setupFailed(expected: String, got: String)
  }

  /// What it did.
  public var cause: Cause
  /// The node's name.
  public var node: String

  /// Who sent how many messages, in sentences, if that is what the failure is about.
  public var traffic: String?

  /// The node of this name did this.
  public init(_ cause: Cause, node: String) {
    self.cause = cause
    self.node = node
  }
}

extension RunFailure: CustomStringConvertible {
  public var description: String { [causeInWords, traffic].compactMap { $0 }.joined(separator: "\n") }

  private var causeInWords: String {
    switch cause {
    case .crashed(let status):
      "node \(node) crashed: \(status)"
    case .ended:
      """
      node \(node) ended by itself with exit status 0, before the run was over. \
      A node has to run until its standard input is closed or it is killed.
      """
    case .closed(let stream):
      "node \(node) closed its \(stream) and runs on, but cannot take part any more"
    case .notStarted(let reason):
      "node \(node) could not be started: \(reason)"
    case .malformedLine(let line, _, _) where line.isEmpty:
      """
      node \(node) printed an empty line on standard output, which is not a message.
      Standard output is for messages, one JSON object a line; debugging output belongs on standard error.
      """
    case .malformedLine(let line, let offset, let reason):
      """
      node \(node) printed a line on standard output that is not a message: \(reason), at byte \(offset).
        \(Self.excerpt(line, marking: offset))
      Standard output is for messages, one JSON object a line; debugging output belongs on standard error.
      """
    case .additionalKey(let key, let line, let offset):
      """
      node \(node) sent a message with the key "\(key)" beside "body", at byte \(offset).
        \(Self.excerpt(line, marking: offset))
      A message has the keys src, dest and body, and may have an integer id; anything else belongs in its body.
      """
    case .overlongLine(let length, let limit):
      "node \(node) printed a line of \(length) bytes; at most \(limit) are taken"
    case .unknownDestination(let name, let line):
      """
      node \(node) sent a message to "\(name)", which is no node, client or service of this run.
        \(Self.excerpt(line).text)
      """
    case .unknownSource(let name, let line):
      """
      node \(node) sent a message from "\(name)", which is no node, client or service of this run.
        \(Self.excerpt(line).text)
      """
    case .endlessExchange(let count):
      """
      node \(node) sent the last of \(count) messages at one instant. \
      Do nodes answer each other's answers, or ask again at once whenever they are refused?
      """
    case .endlessTimers(let count):
      """
      node \(node) had timers expire \(count) times at one instant. \
      Does a timer set itself again without any delay?
      """
    case .unreadInput(let bytes):
      """
      node \(node) has \(bytes >> 20) MiB of messages waiting that it has not read from its standard input. \
      Does it read as fast as it is sent to, also while it writes?
      """
    case .messagesUnderWay(let load, let limit):
      """
      node \(node) sent the last of \(load.messages.grouped) messages (\(load.bytes >> 20) MiB) that are under way \
      at once; a run holds at most \(limit.messages.grouped) or \(limit.bytes >> 20) MiB of them. \
      Does each message that a node receives make it send more than one?
      """
    case .log(let bytes, let limit):
      """
      node \(node) has logged \(bytes >> 20) MiB on standard error, the most of all nodes, which together have \
      logged more than the \(limit >> 20) MiB that a run keeps. Does it log each message, or without end?
      """
    case .noAnswer(let request):
      """
      node \(node) did not answer "\(request)" in time. \
      Does it read standard input line by line, and flush each line it prints?
      """
    case .setupFailed(let expected, let got):
      "node \(node) should have answered with \(expected), but answered \(got)"
    }
  }

  /// The line round `offset` with a caret under that byte.
  private static func excerpt(_ line: [UInt8], marking offset: Int) -> String {
    let (text, column) = excerpt(line, round: offset)
    return text + "\n  " + String(repeating: " ", count: column) + "^"
  }

  /// The line round `offset`, bytes that do not print escaped, and in which column that byte is.
  private static func excerpt(_ line: [UInt8], round offset: Int = 0) -> (text: String, column: Int) {
    let start = max(0, offset - 60)
    var (text, column) = (start > 0 ? "…" : "", 0)
    for (place, byte) in line.enumerated().dropFirst(start).prefix(120) {
      if place == offset { column = text.count }
      text +=
        (0x20..<0x7F).contains(byte)
        ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    if offset >= line.count { column = text.count }
    if line.count > start + 120 { text += "…" }
    return (text, column)
  }
}
