import EddyHistory
public import EddyNetwork

/// The reason why a run ended early: something that a node did.
public struct RunFailure: Error, Equatable, Sendable {
  /// The kinds of failure.
  public enum Cause: Equatable, Sendable {
    /// The node's program ended with a signal or an exit status other than 0.
    case crashed(status: String)
    /// The node's program ended with exit status 0.
    case ended
    /// The node closed its standard input or output, named by `stream`, but runs on.
    case closed(stream: String)
    /// The node's program could not be started.
    case notStarted(reason: String)
    /// The node printed a line that is not a message.
    case malformedLine([UInt8], offset: Int, reason: String)
    /// The node sent this line: a message with an unknown key beside `src`, `dest`, `body` and `id`, at this
    /// offset.
    case additionalKey(String, [UInt8], offset: Int)
    /// The node printed a line longer than the limit, in bytes.
    case overlongLine(length: Int, limit: Int)
    /// The node sent this line: a message to an unknown name.
    case unknownDestination(String, [UInt8])
    /// The node sent this line: a message from an unknown name.
    case unknownSource(String, [UInt8])
    /// Nodes and services exchanged more than this number of messages at one instant; the node sent the last.
    case endlessExchange(count: Int)
    /// The node's timers expired more than this number of times at one instant.
    case endlessTimers(count: Int)
    /// The node has more than this number of processes.
    case processes(count: Int)
    /// The node has this number of bytes of unread input.
    case unreadInput(bytes: Int)
    /// More messages are in flight than the limit; the node sent the last.
    case messagesInFlight(NetworkLoad, limit: NetworkLoad)
    /// The nodes' logs together exceed the limit, in bytes; this node's is the longest.
    case log(bytes: Int, limit: Int)
    /// The node did not answer a request of the setup.
    case noAnswer(to: String)
    /// The node answered a request of the setup with another message than expected.
    case setupFailed(expected: String, got: String)
  }

  /// The kind of failure.
  public var cause: Cause
  /// The node's name.
  public var node: String

  /// Sentences on how many messages each node sent; nil if the failure is not about messages.
  public var traffic: String?

  /// Creates a failure of a node.
  public init(_ cause: Cause, node: String) {
    self.cause = cause
    self.node = node
  }
}
