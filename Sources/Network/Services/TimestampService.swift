public import EddyNode

/// `lin-tso`: a timestamp oracle. It counts up from 0 and returns each number once.
public struct TimestampService: Service {
  public static let name = "lin-tso"

  private var next = 0

  public init() {}

  public mutating func handle(
    _ request: Message, from client: String, _ random: inout SeededGenerator
  ) throws(RPCError) -> ServiceReply {
    guard request.type == "ts" else {
      throw .notSupported("a timestamp oracle does not support \(request.type)")
    }
    defer { next += 1 }
    return .timestamp(next)
  }
}
