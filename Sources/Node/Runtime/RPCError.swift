/// An error that answers a request: the body of a message of type `error`.
///
/// The codes and their meanings are those of Maelstrom's protocol document ("Errors"). Throw one
/// from a handler and the node sends it as the reply.
public struct RPCError: Error, Hashable, Sendable {
  /// What went wrong: 0–999 belong to Maelstrom, 1000 and above to applications.
  public var code: Int

  /// An explanation for people: a clause that begins in lower case and ends without a full stop.
  /// Programs should look at `code` only.
  public var text: String

  /// An error of any code, an application's own included.
  public init(code: Int, text: String) {
    self.code = code
    self.text = text
  }

  /// The code's name in Maelstrom's table, such as `key-does-not-exist`; `nil` for other codes.
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

  /// Whether the requested operation certainly did not, and never will, happen.
  ///
  /// Codes without a name are indefinite, which is always the safe answer.
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

  /// What a call fails with that nobody has answered in time.
  static let silence = timeout("no reply came in time")

  /// 1: the request names a node that does not exist.
  public static func nodeNotFound(_ text: String = "there is no such node") -> RPCError {
    RPCError(code: 1, text: text)
  }

  /// 10: this node has no handler for the request's type.
  public static func notSupported(_ text: String = "this node does not support the request") -> RPCError {
    RPCError(code: 10, text: text)
  }

  /// 10 for a request of a type that is unknown to the workload.
  public static func notSupported(type: String) -> RPCError {
    notSupported("this node has no handler for \"\(type)\"")
  }

  /// 11: the operation cannot be performed now, and has not been.
  public static func temporarilyUnavailable(_ text: String = "the request cannot be carried out now")
    -> RPCError
  {
    RPCError(code: 11, text: text)
  }

  /// 12: the request is not what its type calls for.
  public static func malformedRequest(_ text: String = "the request is malformed") -> RPCError {
    RPCError(code: 12, text: text)
  }

  /// 12 for a field that is there, but not what it should be.
  static func malformedField(_ field: String, _ error: JSONError) -> RPCError {
    malformedRequest("the field \"\(field)\" is malformed: \(error.reason)")
  }

  /// 13, indefinite: any failure that fits no other code.
  public static func crash(_ text: String = "this node failed") -> RPCError {
    RPCError(code: 13, text: text)
  }

  /// 14: any failure that fits no other code, after which the operation has certainly not happened.
  public static func abort(_ text: String = "the operation was aborted") -> RPCError {
    RPCError(code: 14, text: text)
  }

  /// 20: the operation needs a key that does not exist.
  public static func keyDoesNotExist(_ text: String = "the key does not exist") -> RPCError {
    RPCError(code: 20, text: text)
  }

  /// 21: the operation would create a key that exists.
  public static func keyAlreadyExists(_ text: String = "the key already exists") -> RPCError {
    RPCError(code: 21, text: text)
  }

  /// 22: a condition of the operation does not hold, such as a compare-and-set's expected value.
  public static func preconditionFailed(_ text: String = "the precondition does not hold") -> RPCError {
    RPCError(code: 22, text: text)
  }

  /// 30: the transaction was aborted because another one got in its way.
  public static func transactionConflict(_ text: String = "another transaction got in the way") -> RPCError {
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
  /// The error that a message of type `error` carries; one without a readable code is indefinite.
  public init(reply: Message) {
    let code = (try? reply.integer("code")) ?? RPCError.crash().code
    self.init(code: code, text: (try? reply.optionalString("text")) ?? "")
  }
}
