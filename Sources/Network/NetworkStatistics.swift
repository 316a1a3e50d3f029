/// Counts what the network carries, apart for clients and between servers.
///
/// Filled by the network as it goes, read by `NetworkChecker` when the run is over.
public struct NetworkStatistics: Hashable, Sendable {
  /// The counts of one class of messages.
  public struct Class: Hashable, Sendable {
    /// Messages handed to the network.
    public private(set) var sendCount = 0
    /// Messages delivered. Fewer than were sent when some are lost, more when some are duplicated.
    public private(set) var receiveCount = 0

    /// Counts that are known from elsewhere, none by default.
    public init(sendCount: Int = 0, receiveCount: Int = 0) {
      self.sendCount = sendCount
      self.receiveCount = receiveCount
    }

    /// Distinct messages. Every send is a message of its own, and no copy of it is a new one.
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

  /// Nothing carried yet, or what is known from elsewhere.
  public init(clients: Class = Class(), servers: Class = Class()) {
    self.clients = clients
    self.servers = servers
  }

  /// Counts a message handed to the network.
  public mutating func sent(involvingClient: Bool) {
    if involvingClient { clients.send() } else { servers.send() }
  }

  /// Counts a message delivered to its destination.
  public mutating func received(involvingClient: Bool) {
    if involvingClient { clients.receive() } else { servers.receive() }
  }
}
