extension Node {
  /// Asks a service until it answers, at most `attempts` times, and runs `then` once.
  ///
  /// Only silence is met by asking again: an answer, be it an error, is final. Where requests change
  /// something, a definite error that follows upon silence is passed on as an indefinite one: it says
  /// nothing of the attempts before.
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
    call(service, type: type, timeout: timeout, body) { result, node in
      guard case .failure(let error) = result, error.code == RPCError.timeout().code, attempts > 1 else {
        return then(result, node)
      }
      node.callService(
        service, type: type, attempts: attempts - 1, timeout: timeout, isRead: isRead, body
      ) { later, node in
        then(isRead ? later : later.mapError { $0.afterSilence }, node)
      }
    }
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
