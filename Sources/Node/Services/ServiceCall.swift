extension Node {
  /// Asks a service until it answers, at most `attempts` times, and runs `then` once.
  ///
  /// Only silence is met by asking again: an answer, be it an error, is final. Where requests change
  /// something, a definite error that follows upon silence is passed on as an indefinite one: it says
  /// nothing of the attempts before. Memory and stack do not depend on the number of attempts.
  ///
  /// - Parameters:
  ///   - isRead: Whether requests change nothing, so that the last answer tells all.
  ///   - body: Writes the request's fields beside `type`, anew for each attempt.
  func callService(
    _ service: String, type: StaticString, attempts: Int, timeout: Duration, isRead: Bool,
    _ body: @escaping (inout JSONWriter) -> Void,
    then: @escaping (Result<Message, RPCError>, Node) -> Void
  ) {
    precondition(attempts > 0, "a service is asked at least once")
    let call = ServiceCall(
      service: service, type: type, timeout: timeout, isRead: isRead, body: body, then: then,
      attemptsLeft: attempts)
    call.ask(on: self)
  }
}

/// A request to a service and what is known of its attempts.
///
/// The node holds it by the completion of the attempt that is open, and by nothing else.
private final class ServiceCall {
  private let service: String
  private let type: StaticString
  private let timeout: Duration
  private let isRead: Bool
  private let body: (inout JSONWriter) -> Void
  private let then: (Result<Message, RPCError>, Node) -> Void

  private var attemptsLeft: Int
  /// Whether an attempt was not answered, so that it may have been carried out or may yet be.
  private var metSilence = false

  init(
    service: String, type: StaticString, timeout: Duration, isRead: Bool,
    body: @escaping (inout JSONWriter) -> Void,
    then: @escaping (Result<Message, RPCError>, Node) -> Void, attemptsLeft: Int
  ) {
    (self.service, self.type, self.timeout, self.isRead) = (service, type, timeout, isRead)
    (self.body, self.then, self.attemptsLeft) = (body, then, attemptsLeft)
  }

  func ask(on node: Node) {
    attemptsLeft -= 1
    node.call(service, type: type, timeout: timeout, body) { self.take($0, on: $1) }
  }

  private func take(_ result: Result<Message, RPCError>, on node: Node) {
    if case .failure(let error) = result, error == .silence, attemptsLeft > 0 {
      metSilence = true
      return ask(on: node)
    }
    then(metSilence && !isRead ? result.mapError { $0.afterSilence } : result, node)
  }
}

extension RPCError {
  /// The error as it stands when an attempt before it was never answered.
  fileprivate var afterSilence: RPCError {
    isDefinite ? .timeout("an attempt was not answered, and a later one failed: \(self)") : self
  }
}

extension Result where Success == Message, Failure == RPCError {
  /// The field of a reply that must be there; ``RPCError/crash(_:)``, which is indefinite, if it is not.
  func field<Value>(_ read: (Message) throws(RPCError) -> Value) -> Result<Value, RPCError> {
    flatMap { reply in
      do throws(RPCError) {
        return .success(try read(reply))
      } catch {
        return .failure(.crash("\(reply.source) sent a malformed \(reply.type): \(error.text)"))
      }
    }
  }
}
