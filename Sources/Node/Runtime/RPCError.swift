/// An error as the reply to a request: the body of a message of type `error`.
///
/// The codes and their meanings are those of Maelstrom's `doc/protocol.md`, section "Errors". A node sends
/// an error that its handler throws as the reply.
public struct RPCError: Error, Hashable, Sendable {
  /// The kind of error: 0 to 999 are Maelstrom's, 1000 and above are the application's.
  public var code: Int

  /// An explanation for people: a clause that begins in lower case and ends without a full stop. Programs
  /// should evaluate ``code`` only.
  public var text: String

  /// An error of any code, including an application's own.
  public init(code: Int, text: String) {
    self.code = code
    self.text = text
  }

  /// The code's name in Maelstrom's table, such as `key-does-not-exist`; `nil` for a code that is not in it.
  public var name: String? {
    switch code {
    case 0: "timeout"
    case 1: "node-not-found"
    case 10: "not-supported"
    case 11: "temporarily-unavailable"
    case 12: "malformed-request"
    case 13: "crash"
    case 14: "abort"
    case 20: "key-does-not-exist"
    case 21: "key-already-exists"
    case 22: "precondition-failed"
    case 30: "txn-conflict"
    default: nil
    }
  }

  /// Whether it is certain that the operation has not happened and never will. Codes without a name are
  /// indefinite, which is always safe.
  public var isDefinite: Bool {
    switch code {
    case 1, 10, 11, 12, 14, 20, 21, 22, 30: true
    default: false
    }
  }
}

extension RPCError {
  /// 0, indefinite: no answer came in time; the operation may or may not have happened.
  public static func timeout(_ text: String = "the operation timed out") -> RPCError {
    RPCError(code: 0, text: text)
  }

  /// The error of a call whose reply has not come in time.
  static let noReply = timeout("no reply came in time")

  /// 1: the request names a node that does not exist.
  public static func nodeNotFound(_ text: String = "there is no such node") -> RPCError {
    RPCError(code: 1, text: text)
  }

  /// 10: this node has no handler for the request's type.
  public static func notSupported(_ text: String = "this node does not support the request") -> RPCError {
    RPCError(code: 10, text: text)
  }

  /// 10 for a request whose type the handler does not know.
  public static func notSupported(type: String) -> RPCError {
    notSupported("this node has no handler for \"\(type)\"")
  }

  /// 11: the operation cannot be performed now, and has not been.
  public static func temporarilyUnavailable(_ text: String = "the request cannot be carried out now")
    -> RPCError
  {
    RPCError(code: 11, text: text)
  }

  /// 12: the request's body is not what its type requires.
  public static func malformedRequest(_ text: String = "the request is malformed") -> RPCError {
    RPCError(code: 12, text: text)
  }

  /// 12 for a field that is present, but not what it should be.
  static func malformedField(_ field: String, _ error: JSONError) -> RPCError {
    malformedRequest("the field \"\(field)\" is malformed: \(error.reason)")
  }

  /// 13, indefinite: any failure that fits no other code.
  public static func crash(_ text: String = "this node failed") -> RPCError {
    RPCError(code: 13, text: text)
  }

  /// 14: any failure that fits no other code, where it is certain that the operation has not happened.
  public static func abort(_ text: String = "the operation was aborted") -> RPCError {
    RPCError(code: 14, text: text)
  }

  /// 20: the operation requires a key that does not exist.
  public static func keyDoesNotExist(_ text: String = "the key does not exist") -> RPCError {
    RPCError(code: 20, text: text)
  }

  /// 21: the operation would create a key that exists.
  public static func keyAlreadyExists(_ text: String = "the key already exists") -> RPCError {
    RPCError(code: 21, text: text)
  }

  /// 22: a condition of the operation does not hold, such as the expected value of a compare-and-set.
  public static func preconditionFailed(_ text: String = "the precondition does not hold") -> RPCError {
    RPCError(code: 22, text: text)
  }

  /// 30: the transaction was aborted because it conflicts with another one.
  public static func transactionConflict(_ text: String = "the transaction conflicts with another one")
    -> RPCError
  {
    RPCError(code: 30, text: text)
  }
}

extension RPCError: CustomStringConvertible {
  /// Such as `22 precondition-failed: current value is 5`.
  public var description: String {
    guard let name else { return "\(code): \(text)" }
    return "\(code) \(name): \(text)"
  }
}

extension RPCError {
  /// The error in a message of type `error`. Without a readable code it is ``crash(_:)``, which is
  /// indefinite.
  public init(reply: Message) {
    let code = (try? reply.integer("code")) ?? RPCError.crash().code
    self.init(code: code, text: (try? reply.optionalString("text")) ?? "")
  }
}
