/// Message counts, separately for messages with clients and between servers.
///
/// The network updates them; `NetworkChecker` reports them after the run.
public struct NetworkStatistics: Hashable, Sendable {
  /// The counts of one class of messages.
  public struct Class: Hashable, Sendable {
    /// Messages sent.
    public private(set) var sendCount = 0
    /// Messages delivered. Lost messages make it smaller than ``sendCount``, duplicates larger.
    public private(set) var receiveCount = 0

    /// Creates counts; zero by default.
    public init(sendCount: Int = 0, receiveCount: Int = 0) {
      self.sendCount = sendCount
      self.receiveCount = receiveCount
    }

    /// Distinct messages. Each send is one; duplicates do not count.
    public var messageCount: Int { sendCount }

    fileprivate mutating func send() { sendCount += 1 }
    fileprivate mutating func receive() { receiveCount += 1 }

    fileprivate static func + (a: Class, b: Class) -> Class {
      var sum = a
      sum.sendCount += b.sendCount
      sum.receiveCount += b.receiveCount
      return sum
    }
  }

  /// Messages from and to clients.
  public private(set) var clients = Class()
  /// Messages between servers: the nodes, and the services beside them.
  public private(set) var servers = Class()
  /// All messages.
  public var all: Class { clients + servers }

  /// Creates statistics; all counts are zero by default.
  public init(clients: Class = Class(), servers: Class = Class()) {
    self.clients = clients
    self.servers = servers
  }

  /// Counts a message that is sent.
  public mutating func sent(involvingClient: Bool) {
    if involvingClient { clients.send() } else { servers.send() }
  }

  /// Counts a message that is delivered.
  public mutating func received(involvingClient: Bool) {
    if involvingClient { clients.receive() } else { servers.receive() }
  }
}
