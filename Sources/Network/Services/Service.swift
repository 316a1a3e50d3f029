public import EddyNode
package import EddyTiming

/// A key-value store or timestamp oracle that nodes reach over the network, under its own name.
///
/// A service is a pure state machine: the effect of a request depends only on the requests before it, the
/// client and the given generator. As in Maelstrom's `service.clj`, services differ in the consistency of the
/// state that they show.
public protocol Service: Sendable {
  /// The `dest` of requests, such as `lin-kv`.
  static var name: String { get }

  /// Carries out one request.
  ///
  /// Throws the error to reply with: 10 for an unknown type, 12 for a missing field, 20 and 22 as Maelstrom's
  /// services do.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - client: The sender of the request.
  ///   - random: The only source of randomness.
  mutating func handle(
    _ request: Message, from client: String, _ random: inout SeededGenerator
  ) throws(RPCError) -> ServiceReply
}

/// A successful reply of a service.
public enum ServiceReply: Hashable, Sendable {
  /// The value of a key.
  case read(RawJSON)
  case write
  case compareAndSet
  case timestamp(Int)

  /// The reply of a key-value store.
  init(_ reply: KeyValueRequest.Reply) {
    self =
      switch reply {
      case .read(let value): .read(value)
      case .write: .write
      case .compareAndSet: .compareAndSet
      }
  }

  /// Writes the fields of the reply's body except `in_reply_to`, as Maelstrom does.
  func encodeFields(into body: inout JSONWriter) {
    switch self {
    case .read(let value):
      body.field("type", "read_ok")
      body.field("value", value)
    case .write: body.field("type", "write_ok")
    case .compareAndSet: body.field("type", "cas_ok")
    case .timestamp(let timestamp):
      body.field("type", "ts_ok")
      body.field("ts", timestamp)
    }
  }
}

/// The services of a run, by name.
package struct Services {
  private var services: [String: any Service] = [:]
  private var random: SeededGenerator

  /// Creates Maelstrom's default services, all empty.
  ///
  /// - Parameter seed: The run's seed. Drawing from it does not affect the run's own random numbers.
  package init(seed: UInt64) {
    random = SeededGenerator(seed: seed ^ 0x5E_41CE5)
    let all: [any Service] = [LinearizableKV(), SequentialKV(), LastWriterWinsKV(), TimestampService()]
    for service in all { services[type(of: service).name] = service }
  }

  package func contains(_ name: String) -> Bool { services[name] != nil }

  /// The names of all services, sorted.
  package var names: [String] { services.keys.sorted() }

  /// Carries out a request that has just been delivered, and sends the reply if the request has a `msg_id`.
  package mutating func serve(
    _ request: Network.Envelope, from client: String, through network: inout Network, at now: Instant
  ) {
    guard case .service(let name) = request.destination else { preconditionFailure("not for a service") }
    let result = Result { () throws(RPCError) in
      // In place, because copying a large state for every request would be slow.
      try services[name]!.handle(request.message, from: client, &random)
    }
    guard let requestID = request.message.id else { return }
    network.send(
      Self.line(from: name, to: client, inReplyTo: requestID, result), from: request.destination,
      to: request.source, at: now)
  }

  private static func line(
    from service: String, to client: String, inReplyTo requestID: Int,
    _ result: Result<ServiceReply, RPCError>
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.field("src", service)
      $0.field("dest", client)
      $0.field("body") {
        $0.object { body in
          switch result {
          case .success(let reply): reply.encodeFields(into: &body)
          case .failure(let error):
            body.field("type", "error")
            body.field("code", error.code)
            body.field("text", error.text)
          }
          body.field("in_reply_to", requestID)
        }
      }
    }
    return writer.bytes
  }
}
