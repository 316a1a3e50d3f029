/// What the network holds: messages that were sent and have been neither delivered nor dropped.
public struct NetworkLoad: Hashable, Sendable {
  /// How many messages there are; each copy of one that was duplicated counts.
  public private(set) var messages = 0
  /// How many bytes their lines have.
  public private(set) var bytes = 0

  /// Nothing.
  public init() {}

  /// An amount, to be compared with another.
  public init(messages: Int, bytes: Int) {
    self.messages = messages
    self.bytes = bytes
  }

  mutating func add(_ line: [UInt8]) {
    messages += 1
    bytes += line.count
  }

  mutating func remove(_ line: [UInt8]) {
    messages -= 1
    bytes -= line.count
  }

  /// Whether it is more than `limit` in messages or in bytes.
  package func exceeds(_ limit: NetworkLoad) -> Bool { messages > limit.messages || bytes > limit.bytes }
}
