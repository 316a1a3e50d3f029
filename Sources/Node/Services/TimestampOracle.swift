/// A client of `lin-tso`, which gives out integers, each greater than all it gave out before.
public struct TimestampOracle: Hashable, Sendable {
  /// The name that requests are sent to.
  public var name: String
  /// How long an answer is waited for at each attempt.
  public var timeout: Duration

  /// A client of the service `name`, which takes a request for lost after `timeout`.
  public init(_ name: String = "lin-tso", timeout: Duration = .seconds(1)) {
    self.name = name
    self.timeout = timeout
  }

  /// Draws the next timestamp.
  ///
  /// - Parameter attempts: How often to ask while nobody answers. Asking again is always safe: a
  ///   timestamp that got lost leaves a gap and nothing else.
  public func next(
    attempts: Int = 3, on node: Node, then: @escaping (Result<Int, RPCError>, Node) -> Void
  ) {
    node.callService(name, type: "ts", attempts: attempts, timeout: timeout, isRead: true) { _ in
    } then: { result, node in
      then(result.field { (reply) throws(RPCError) in try reply.integer("ts") }, node)
    }
  }
}
