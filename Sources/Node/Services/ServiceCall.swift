extension Node {
  /// Sends a request to a service until it replies, at most `attempts` times, and runs `then` once.
  ///
  /// Only a missing reply leads to another attempt: a reply is final, even an error. If the request is not a
  /// read, a definite error after an attempt without a reply is passed on as an indefinite one, since it
  /// says nothing about the earlier attempt. Memory and stack do not depend on the number of attempts.
  ///
  /// - Parameters:
  ///   - isRead: Whether the request changes nothing, so that the last reply alone counts.
  ///   - body: Writes the request's fields other than `type`, once for each attempt.
  func callService(
    _ service: String, type: StaticString, attempts: Int, timeout: Duration, isRead: Bool,
    _ body: @escaping (inout JSONWriter) -> Void,
    then: @escaping (Result<Message, RPCError>, Node) -> Void
  ) {
    precondition(attempts > 0, "a request needs at least one attempt")
    let call = ServiceCall(
      service: service, type: type, timeout: timeout, isRead: isRead, body: body, then: then,
      attemptsLeft: attempts)
    call.attempt(on: self)
  }
}

/// A request to a service and its attempts so far. Only the completion of the pending attempt retains it.
private final class ServiceCall {
  private let service: String
  private let type: StaticString
  private let timeout: Duration
  private let isRead: Bool
  private let body: (inout JSONWriter) -> Void
  private let then: (Result<Message, RPCError>, Node) -> Void

  private var attemptsLeft: Int
  /// Whether an attempt got no reply, so that it may have been carried out or may yet be.
  private var hasUnansweredAttempt = false

  init(
    service: String, type: StaticString, timeout: Duration, isRead: Bool,
    body: @escaping (inout JSONWriter) -> Void,
    then: @escaping (Result<Message, RPCError>, Node) -> Void, attemptsLeft: Int
  ) {
    (self.service, self.type, self.timeout, self.isRead) = (service, type, timeout, isRead)
    (self.body, self.then, self.attemptsLeft) = (body, then, attemptsLeft)
  }

  func attempt(on node: Node) {
    attemptsLeft -= 1
    node.call(service, type: type, timeout: timeout, body) { self.take($0, on: $1) }
  }

  private func take(_ result: Result<Message, RPCError>, on node: Node) {
    if case .failure(let error) = result, error == .noReply, attemptsLeft > 0 {
      hasUnansweredAttempt = true
      return attempt(on: node)
    }
    then(hasUnansweredAttempt && !isRead ? result.mapError { $0.afterUnansweredAttempt } : result, node)
  }
}

extension RPCError {
  /// The error of a request of which an earlier attempt got no reply: never definite.
  fileprivate var afterUnansweredAttempt: RPCError {
    isDefinite ? .timeout("an attempt got no reply, and a later one failed: \(self)") : self
  }
}

extension Result where Success == Message, Failure == RPCError {
  /// A field of the reply; ``RPCError/crash(_:)``, which is indefinite, if it is missing or malformed.
  func value<Value: JSONDecodable>(_ field: String, as type: Value.Type) -> Result<Value, RPCError> {
    flatMap { reply in
      do throws(RPCError) {
        return .success(try reply.value(field, as: type))
      } catch {
        return .failure(.crash("\(reply.source) sent a malformed \(reply.type): \(error.text)"))
      }
    }
  }
}
