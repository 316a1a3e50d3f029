/// A client of one of the key-value stores that Maelstrom runs beside the nodes.
///
///     let store = KeyValueStore.linearizable
///     store.read("sum", as: Int.self, on: node) { result, node in
///       …
///     }
///
/// `then` runs once, with the reply or with an error. After a definite error (``RPCError/isDefinite``) the
/// request has changed nothing and never will. After an indefinite one, such as code 0 when no reply has
/// come in time, it may have been carried out, or may yet be, if it arrives late.
public struct KeyValueStore: Hashable, Sendable {
  /// The name that requests are sent to.
  public var name: String
  /// How long each attempt waits for a reply.
  public var timeout: Duration

  /// A client of the service `name`.
  public init(_ name: String, timeout: Duration = .seconds(1)) {
    self.name = name
    self.timeout = timeout
  }

  /// `lin-kv`, linearizable: a request sees the effects of all that were answered before it was sent.
  public static let linearizable = KeyValueStore("lin-kv")
  /// `seq-kv`, sequentially consistent: what a node sees may be stale, but never older than what it has seen.
  public static let sequential = KeyValueStore("seq-kv")
  /// `lww-kv`, eventually consistent: a request may see any earlier state; the last writer wins.
  public static let lastWriterWins = KeyValueStore("lww-kv")

  /// Reads a key: its value as it was written, or nil if the key does not exist.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - attempts: How often to send the request while no reply comes. A read changes nothing, so several
  ///     attempts are safe.
  ///   - node: The node that asks.
  ///   - then: Runs once, with the outcome.
  public func read(
    _ key: String, attempts: Int = 3, on node: Node,
    then: @escaping (Result<RawJSON?, RPCError>, Node) -> Void
  ) {
    read(key, as: RawJSON.self, attempts: attempts, on: node, then: then)
  }

  /// Reads a key: its value as one of a type that can be read from JSON, or nil if the key does not exist.
  ///
  /// A value of another type is an error of code 13, which is indefinite.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - type: What to read the value as.
  ///   - attempts: How often to send the request while no reply comes. A read changes nothing, so several
  ///     attempts are safe.
  ///   - node: The node that asks.
  ///   - then: Runs once, with the outcome.
  public func read<Value: JSONDecodable>(
    _ key: String, as type: Value.Type, attempts: Int = 3, on node: Node,
    then: @escaping (Result<Value?, RPCError>, Node) -> Void
  ) {
    node.callService(name, type: "read", attempts: attempts, timeout: timeout, isRead: true) {
      $0.field("key", key)
    } then: { result, node in
      if case .failure(let error) = result, error.code == RPCError.keyDoesNotExist().code {
        then(.success(nil), node)
      } else {
        then(result.value("value", as: type).map(Optional.some), node)
      }
    }
  }

  /// Writes a value of any type that can be written to a key, whether or not it exists.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - value: The value.
  ///   - attempts: How often to send the request while no reply comes. Several attempts are safe only where no
  ///     other value is ever written to the key: a copy of the request may arrive late and overwrite it.
  ///   - node: The node that asks.
  ///   - then: Runs once, with the outcome.
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

  /// Writes `to` to a key if its value is `from`. Otherwise fails with code 22, or with code 20 if the key
  /// does not exist.
  ///
  /// One attempt only: a second one could fail because the first has succeeded. After an indefinite error,
  /// read the key. On a network that duplicates messages do so after code 22, too.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - from: The value that the key must have.
  ///   - to: The value that it gets.
  ///   - createIfNotExists: Whether to create a missing key with the value `to`.
  ///   - node: The node that asks.
  ///   - then: Runs once, with the outcome.
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
