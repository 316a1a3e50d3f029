public import EddyNode

/// Maelstrom's `echo`: sends a request's payload back, byte for byte.
public final class Echo: Handler {
  /// A node before its `init`.
  public init() {}

  public func receive(_ request: Message, on node: Node) throws(RPCError) {
    guard request.type == "echo" else { throw .notSupported(type: request.type) }
    let payload = try request.field("echo")
    node.reply(to: request, type: "echo_ok") { $0.field("echo", payload) }
  }
}
