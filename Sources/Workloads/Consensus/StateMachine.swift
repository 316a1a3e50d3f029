import EddyNode

/// What all nodes of a cluster execute in the same order.
protocol StateMachine {
  associatedtype Command: ReplicatedCommand

  /// The state before the first command.
  init()
  /// The state that a snapshot holds.
  init(restoring snapshot: inout JSONReader) throws(JSONError)
  /// Writes the state as one value.
  func writeSnapshot(to writer: inout JSONWriter)

  /// Executes a command.
  ///
  /// - Parameter wantsReply: Whether a client of this node waits for the outcome; nil may be returned if not.
  mutating func execute(_ command: Command, wantsReply: Bool) -> Outcome?

  /// The outcome of a command that would change nothing in the present state; nil if it would change it.
  func outcomeWithoutChange(_ command: Command) -> Outcome?
}

/// A client's request as a command of the log, in JSON.
protocol ReplicatedCommand: JSONEncodable, JSONDecodable {
  /// Throws error 10 for an unknown type and error 12 for a malformed body.
  init(request: Message) throws(RPCError)
  /// Whether the command changes no state.
  var isReadOnly: Bool { get }
  /// Whether the outcome may depend on whether `pending` was executed before.
  func dependsOn(_ pending: Self) -> Bool
}

/// What a client is answered.
typealias Outcome = Result<ClientReply, RPCError>

struct ClientReply {
  var type: StaticString
  /// The field beside the type, if there is one.
  var field: (name: StaticString, value: RawJSON)?

  init(_ type: StaticString, _ field: (name: StaticString, value: RawJSON)? = nil) {
    self.type = type
    self.field = field
  }
}
