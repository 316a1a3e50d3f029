/// A request to a key-value store. All stores accept the requests of Maelstrom's `lin-kv` workload.
///
/// Keys and values are any JSON. They are equal if their meanings are, whatever their spelling.
package struct KeyValueRequest {
  package enum Action {
    case read
    case write(RawJSON)
    case compareAndSet(from: RawJSON, to: RawJSON, createIfNotExists: Bool)
  }

  package enum Reply {
    case read(RawJSON)
    case write
    case compareAndSet
  }

  /// The effect of a request on a key with a given value.
  package struct Effect {
    package var reply: Result<Reply, RPCError>
    /// The value to store; nil if the key does not change.
    package var written: RawJSON?
  }

  package let key: CanonicalJSON
  package let action: Action

  package init(key: CanonicalJSON, _ action: Action) {
    self.key = key
    self.action = action
  }

  package init(_ message: Message) throws(RPCError) {
    switch message.type {
    case "read": action = .read
    case "write": action = .write(try message.raw("value"))
    case "cas":
      let creates =
        message.contains("create_if_not_exists") ? try message.bool("create_if_not_exists") : false
      action = .compareAndSet(
        from: try message.raw("from"), to: try message.raw("to"), createIfNotExists: creates)
    default: throw .notSupported("a key-value store does not support \(message.type)")
    }
    key = CanonicalJSON(try message.raw("key"))
  }

  /// - Parameter current: The key's value, or nil if it does not exist.
  package func effect(on current: RawJSON?) -> Effect {
    switch (action, current) {
    case (.read, let value?): Effect(reply: .success(.read(value)))
    case (.write(let value), _): Effect(reply: .success(.write), written: value)
    case (.compareAndSet(let from, let to, _), let value?):
      if value.means(from) {
        Effect(reply: .success(.compareAndSet), written: to)
      } else {
        Effect(reply: .failure(.preconditionFailed("current value \(value) is not \(from)")))
      }
    case (.compareAndSet(_, let to, createIfNotExists: true), nil):
      Effect(reply: .success(.compareAndSet), written: to)
    case (.read, nil), (.compareAndSet, nil): Effect(reply: .failure(.keyDoesNotExist("key does not exist")))
    }
  }
}
