/// The amount of messages in flight: sent, and neither delivered nor dropped.
public struct NetworkLoad: Hashable, Sendable {
  /// The number of messages; each copy of a duplicated message counts.
  public private(set) var messages = 0
  /// The total length of their lines, in bytes.
  public private(set) var bytes = 0

  /// Creates an empty load.
  public init() {}

  /// Creates a load, such as a limit.
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

  /// Whether it exceeds `limit` in messages or in bytes.
  package func exceeds(_ limit: NetworkLoad) -> Bool { messages > limit.messages || bytes > limit.bytes }
}
