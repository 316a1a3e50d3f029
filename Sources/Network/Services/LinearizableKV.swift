public import EddyNode

/// `lin-kv`: linearizable. Every request sees the effects of all requests handled before it.
public struct LinearizableKV: Service {
  public static let name = "lin-kv"

  private var values: [CanonicalJSON: RawJSON] = [:]

  public init() {}

  public mutating func handle(
    _ request: Message, from client: String, _ random: inout SeededGenerator
  ) throws(RPCError) -> ServiceReply {
    let request = try KeyValueRequest(request)
    let effect = request.effect(on: values[request.key])
    if let written = effect.written { values[request.key] = written }
    return ServiceReply(try effect.reply.get())
  }
}
