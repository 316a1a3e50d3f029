/// A client of one of the key-value stores that Maelstrom runs beside the nodes.
///
///     let store = KeyValueStore.linearizable
///     store.read("x", on: node) { result, node in
///       …
///     }
///
/// `then` runs once, with the answer or with an error. A definite error (`RPCError.isDefinite`) says
/// that nothing has changed and nothing will; after an indefinite one, such as code 0 when nobody
/// answered in time, the request may have been carried out, or may yet be when it arrives late.
public struct KeyValueStore: Hashable, Sendable {
  /// The name that requests are sent to.
  public var name: String
  /// How long an answer is waited for at each attempt.
  public var timeout: Duration

  /// A client of the service `name`, which takes a request for lost after `timeout`.
  public init(_ name: String, timeout: Duration = .seconds(1)) {
    self.name = name
    self.timeout = timeout
  }

  /// `lin-kv`: every request sees all that were answered before it was sent.
  public static let linearizable = KeyValueStore("lin-kv")
  /// `seq-kv`: what this node sees only moves forward, but may lag.
  public static let sequential = KeyValueStore("seq-kv")
  /// `lww-kv`: anything may be seen, and agreement comes in the end.
  public static let lastWriterWins = KeyValueStore("lww-kv")

  /// Reads a key: its value, or nil if it does not exist.
  ///
  /// - Parameter attempts: How often to ask while nobody answers. A read changes nothing, so asking
  ///   again is always safe.
  public func read(
    _ key: String, attempts: Int = 3, on node: Node,
    then: @escaping (Result<RawJSON?, RPCError>, Node) -> Void
  ) {
    node.callService(name, type: "read", attempts: attempts, timeout: timeout, isRead: true) {
      $0.field("key", key)
    } then: { result, node in
      if case .failure(let error) = result, error.code == RPCError.keyDoesNotExist().code {
        then(.success(nil), node)
      } else {
        then(result.field { (reply) throws(RPCError) in try reply.raw("value") }, node)
      }
    }
  }

  /// Writes a key, whatever its value.
  ///
  /// - Parameter attempts: How often to ask while nobody answers. More than once is safe only where a
  ///   copy of the request that arrives late does no harm: where nobody ever writes another value to
  ///   the key.
  public func write(
    _ key: String, _ value: some JSONEncodable, attempts: Int = 1, on node: Node,
    then: @escaping (Result<Void, RPCError>, Node) -> Void
  ) {
    node.callService(name, type: "write", attempts: attempts, timeout: timeout, isRead: false) {
      $0.field("key", key)
      $0.field("value", value)
    } then: { result, node in
      then(result.map { _ in }, node)
    }
  }

  /// Writes `to` to a key if its value is `from`, else fails with code 22, or 20 if there is no such
  /// key.
  ///
  /// Asked once: a second attempt could fail because the first one succeeded. After an indefinite
  /// error, read. (On a network that duplicates messages the same holds after code 22.)
  ///
  /// - Parameter createIfNotExists: Whether a missing key is created with the value `to`.
  public func compareAndSet(
    _ key: String, from: some JSONEncodable, to: some JSONEncodable, createIfNotExists: Bool = false,
    on node: Node, then: @escaping (Result<Void, RPCError>, Node) -> Void
  ) {
    node.callService(name, type: "cas", attempts: 1, timeout: timeout, isRead: false) {
      $0.field("key", key)
      $0.field("from", from)
      $0.field("to", to)
      if createIfNotExists { $0.field("create_if_not_exists", true) }
    } then: { result, node in
      then(result.map { _ in }, node)
    }
  }
}
