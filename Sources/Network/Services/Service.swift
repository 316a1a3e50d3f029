public import EddyNode
package import EddyTiming

/// A store or an oracle that nodes find beside them in the network, under a name of its own.
///
/// A pure state: what a request does depends on the requests before it, on who asks and on the
/// generator handed in. As in Maelstrom's `service.clj` the services differ in how consistent a view
/// of their state they give.
public protocol Service: Sendable {
  /// The name that requests are sent to, such as `lin-kv`.
  static var name: String { get }

  /// Carries out one request.
  ///
  /// Throws what is answered instead: 10 for a type that the service does not know, 12 for a request
  /// that lacks a field, 20 and 22 as Maelstrom's services do.
  ///
  /// - Parameters:
  ///   - request: What is asked for.
  ///   - client: Who asks.
  ///   - random: The only source of randomness.
  mutating func handle(
    _ request: Message, from client: String, _ random: inout SeededGenerator
  ) throws(RPCError) -> ServiceReply
}

/// What a service answers when nothing is wrong.
public enum ServiceReply: Hashable, Sendable {
  /// The value of a key.
  case read(RawJSON)
  case write
  case compareAndSet
  case timestamp(Int)

  /// The fields of the reply's body beside `in_reply_to`, as Maelstrom writes them.
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

  /// Maelstrom's default services, all of them empty.
  ///
  /// - Parameter seed: The run's. What the services draw from it is independent of the run's course.
  package init(seed: UInt64) {
    random = SeededGenerator(seed: seed ^ 0x5E_41CE5)
    let all: [any Service] = [LinearizableKV(), SequentialKV(), LastWriterWinsKV(), TimestampService()]
    for service in all { services[type(of: service).name] = service }
  }

  package func contains(_ name: String) -> Bool { services[name] != nil }

  /// The names of all of them.
  package var names: [String] { services.keys.sorted() }

  /// Carries out the request that has just been delivered, and sends the reply, if one was asked for,
  /// on its way.
  package mutating func serve(
    _ request: Network.Envelope, from client: String, through network: inout Network, at now: Instant
  ) {
    guard case .service(let name) = request.destination else { preconditionFailure("not for a service") }
    let result = Result { () throws(RPCError) in
      // In place: a copy of a large state for every request would be felt.
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
