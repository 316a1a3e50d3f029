// The writing of messages, for handlers and for the node itself.
//
// With a literal type, the envelope and the handler's body are inlined into the handler's code: a call
// through a closure for each level would cost more than writing the bytes does. With a type that is known at
// run time only, it is written as any string is.

import EddyTiming

extension Node {
  /// Replies to a request. Does nothing if the message does not ask for a reply (has no `msg_id`).
  ///
  /// - Parameters:
  ///   - request: The message to reply to.
  ///   - type: The reply's `type`, such as `echo_ok`. It must need no escaping.
  ///   - body: Writes the reply's other fields. Maelstrom's clients reject fields that their workload does
  ///     not define. It must not call the node.
  @inlinable
  public func reply(to request: Message, type: StaticString, _ body: (inout JSONWriter) -> Void = { _ in }) {
    guard let requestID = request.id else { return }
    beginReply(to: request)
    write(type) {
      $0.field("in_reply_to", requestID)
      body(&$0)
    }
  }

  /// Replies to a request with an error. Does nothing if the message does not ask for a reply.
  public func reply(to request: Message, error: RPCError) {
    reply(to: request, type: "error") {
      $0.field("code", error.code)
      $0.field("text", error.text)
    }
  }

  /// Sends a message that asks for no reply.
  ///
  /// - Parameters:
  ///   - destination: A node, a client or a service.
  ///   - type: The message's `type`. It must need no escaping.
  ///   - body: Writes the body's fields other than `type`. It must not call the node.
  @inlinable
  public func send(to destination: String, type: StaticString, _ body: (inout JSONWriter) -> Void = { _ in })
  {
    beginMessage(to: destination)
    write(type, body)
  }

  /// Sends a request and runs `then` once: with the reply, with the error that replies, or with
  /// ``RPCError/timeout(_:)`` when no reply has come within `timeout`.
  ///
  /// A reply that comes later is ignored. The closure is released as soon as it has run.
  ///
  /// - Parameters:
  ///   - destination: A node or a service.
  ///   - type: The request's `type`. It must need no escaping.
  ///   - timeout: How long to wait for the reply.
  ///   - body: Writes the body's fields other than `type` and `msg_id`. It must not call the node.
  ///   - then: Runs once, with the outcome.
  public func call(
    _ destination: String, type: StaticString, timeout: Duration = .seconds(1),
    _ body: (inout JSONWriter) -> Void = { _ in },
    then: @escaping (Result<Message, RPCError>, Node) -> Void
  ) {
    let callID = beginCall(to: destination, timeout: timeout, then)
    write(type) {
      $0.field("msg_id", callID)
      body(&$0)
    }
  }
}

// MARK: - Types that are known at run time only

extension Node {
  /// Replies to a request with a type that is known at run time only. A literal type costs less.
  @_disfavoredOverload
  public func reply(to request: Message, type: String, _ body: (inout JSONWriter) -> Void = { _ in }) {
    guard let requestID = request.id else { return }
    beginReply(to: request)
    write(type) {
      $0.field("in_reply_to", requestID)
      body(&$0)
    }
  }

  /// Sends a message of a type that is known at run time only. A literal type costs less.
  @_disfavoredOverload
  public func send(to destination: String, type: String, _ body: (inout JSONWriter) -> Void = { _ in }) {
    beginMessage(to: destination)
    write(type, body)
  }

  /// Sends a request of a type that is known at run time only. A literal type costs less.
  @_disfavoredOverload
  public func call(
    _ destination: String, type: String, timeout: Duration = .seconds(1),
    _ body: (inout JSONWriter) -> Void = { _ in },
    then: @escaping (Result<Message, RPCError>, Node) -> Void
  ) {
    let callID = beginCall(to: destination, timeout: timeout, then)
    write(type) {
      $0.field("msg_id", callID)
      body(&$0)
    }
  }

  private func write(_ type: String, _ fields: (inout JSONWriter) -> Void) {
    outbox.key("body")
    outbox.beginObject()
    outbox.field("type", type)
    fields(&outbox)
    endLine()
  }
}

// MARK: - One line

extension Node {
  /// Registers a call and starts the line of its request. Returns the request's `msg_id`.
  private func beginCall(
    to destination: String, timeout: Duration, _ then: @escaping PendingCalls.Completion
  ) -> Int {
    let callID = calls.nextID
    let timer = timers.insert(.callTimeout(callID), at: now + timeout)
    calls.add(timer: timer, then)
    beginMessage(to: destination)
    return callID
  }

  /// Starts a line to another node or a service.
  @usableFromInline
  func beginMessage(to destination: String) {
    beginLine()
    outbox.field("src", encodedID)
    outbox.field("dest", destination)
  }

  /// Starts a line to the sender of the request.
  @usableFromInline
  func beginReply(to request: Message) {
    beginLine()
    if id.isEmpty {
      // Before `init` the node answers under the name that the request is addressed to.
      outbox.field("src") { request.writeDestination(into: &$0) }
    } else {
      outbox.field("src", encodedID)
    }
    outbox.field("dest") { request.writeSource(into: &$0) }
  }

  private func beginLine() {
    precondition(!isWriting, "a body must not call its node")
    isWriting = true
    outbox.beginObject()
  }

  /// Writes the message's body, whose fields other than `type` `fields` writes, and ends the line.
  @inlinable
  @inline(__always)
  func write(_ type: StaticString, _ fields: (inout JSONWriter) -> Void) {
    outbox.key("body")
    outbox.beginObject()
    outbox.field("type", literal: type)
    fields(&outbox)
    endLine()
  }

  @usableFromInline
  func endLine() {
    outbox.endObject()
    outbox.endObject()
    outbox.endLine()
    isWriting = false
  }
}
