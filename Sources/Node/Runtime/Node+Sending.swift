// The writing of messages, for workloads and for the node itself.
//
// A workload's body is inlined into the envelope's writing, all of it into the workload's own
// code: a call through closures for each level would cost more than the bytes do.

import EddyTiming

extension Node {
  /// Replies to a request; does nothing if the message did not ask for a reply.
  ///
  /// - Parameters:
  ///   - type: The reply's `type`, such as `echo_ok`.
  ///   - body: Writes the reply's other fields. Maelstrom's clients reject fields that their
  ///     workload does not name. It must not call back into the node.
  @inlinable
  public func reply(to request: Message, type: StaticString, _ body: (inout JSONWriter) -> Void = { _ in }) {
    guard let requestID = request.id else { return }
    beginReply(to: request)
    write(type) {
      $0.field("in_reply_to", requestID)
      body(&$0)
    }
  }

  /// Replies to a request with an error; does nothing if the message did not ask for a reply.
  public func reply(to request: Message, error: RPCError) {
    reply(to: request, type: "error") {
      $0.field("code", error.code)
      $0.field("text", error.text)
    }
  }

  /// Sends a message that asks for no reply.
  ///
  /// - Parameter body: Writes the body's fields beside `type`. It must not call back into the node.
  @inlinable
  public func send(to destination: String, type: StaticString, _ body: (inout JSONWriter) -> Void = { _ in })
  {
    beginMessage(to: destination)
    write(type, body)
  }

  /// Sends a request, and runs `then` once: with the reply, with the error that the reply
  /// carries, or with ``RPCError/timeout(_:)`` when none has come within `timeout`.
  ///
  /// A reply that comes later is ignored. The closure is released as soon as it has run.
  public func call(
    _ destination: String, type: StaticString, timeout: Duration = .seconds(1),
    _ body: (inout JSONWriter) -> Void = { _ in },
    then: @escaping (Result<Message, RPCError>, Node) -> Void
  ) {
    let callID = calls.nextID
    let timer = timers.insert(.callTimeout(callID), at: now + timeout)
    calls.add(timer: timer, then)
    beginMessage(to: destination)
    write(type) {
      $0.field("msg_id", callID)
      body(&$0)
    }
  }
}

// MARK: - One line

extension Node {
  /// Starts a line to another node or a service.
  @usableFromInline
  func beginMessage(to destination: String) {
    beginLine()
    outbox.field("src", encodedID)
    outbox.field("dest", destination)
  }

  /// Starts a line to whoever sent the request.
  @usableFromInline
  func beginReply(to request: Message) {
    beginLine()
    if id.isEmpty {
      // Not initialized yet, the node answers by the name it was called.
      outbox.field("src") { request.writeDestination(into: &$0) }
    } else {
      outbox.field("src", encodedID)
    }
    outbox.field("dest") { request.writeSource(into: &$0) }
  }

  private func beginLine() {
    precondition(!isWriting, "a body must not call back into its node")
    isWriting = true
    outbox.beginObject()
  }

  /// Writes the message's body, with `fields` writing what comes beside `type`, and ends the line.
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
