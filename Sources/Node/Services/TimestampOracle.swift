/// A client of `lin-tso`, a service that returns integers, each greater than all it returned before.
public struct TimestampOracle: Hashable, Sendable {
  /// The name that requests are sent to.
  public var name: String
  /// How long each attempt waits for a reply.
  public var timeout: Duration

  /// A client of the service `name`.
  public init(_ name: String = "lin-tso", timeout: Duration = .seconds(1)) {
    self.name = name
    self.timeout = timeout
  }

  /// Requests the next timestamp, and runs `then` once, with it or with an error.
  ///
  /// - Parameters:
  ///   - attempts: How often to send the request while no reply comes. Several attempts are safe: a timestamp
  ///     that is lost leaves a gap and does no other harm.
  ///   - node: The node that asks.
  ///   - then: Runs once, with the outcome.
  public func next(
    attempts: Int = 3, on node: Node, then: @escaping (Result<Int, RPCError>, Node) -> Void
  ) {
    node.callService(name, type: "ts", attempts: attempts, timeout: timeout, isRead: true) { _ in
    } then: { result, node in
      then(result.value("ts", as: Int.self), node)
    }
  }
}
