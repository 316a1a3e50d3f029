public import EddyCheckers
public import EddyHistory
public import EddyNode

/// The client's side of a workload: the operations to invoke and the checker of their history.
///
/// Each workload is one file, in the order of Maelstrom's `workload/*.clj`: requests, client, generator,
/// checker.
public protocol Workload {
  /// The name given to `--workload`.
  static var name: String { get }

  /// Creates the workload for a run.
  init(_ options: TestOptions)

  /// A request to every node after `init` and before operations. It must succeed. Nil if there is none.
  func setupRequest() -> Request?

  /// Makes the client of a process. It sends requests to `node`, one at a time.
  func makeClient(process: Int, node: String) -> any Client

  /// The functions that every node must answer once all faults have ended. Each inner array is one client's
  /// sequence.
  var probedFunctions: [[String]] { get }

  /// Makes an invocation of one of ``probedFunctions``.
  mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation

  /// How long a client waits for a reply; by default 5 s.
  var requestTimeout: Duration { get }

  /// The client thread that invokes the next operation, of `count` threads; nil, as by default, to let the free
  /// ones take turns. It must be free.
  mutating func chooseThread(
    of count: Int, isFree: (Int) -> Bool, _ random: inout SeededGenerator
  ) -> Int?

  /// The next operation for a free client thread; nil if there is none now. After nil it is asked again when
  /// an operation has completed.
  mutating func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator) -> Invocation?

  /// Observes a completion. Later operations may depend on it.
  mutating func observe(_ completion: Operation)

  /// The operations of a client thread after recovery; nil if there are none.
  ///
  /// Called once per thread, when the cluster has recovered. A single operation is `.once("read")`.
  func makeFinalOperations(for thread: ClientThread) -> (any FinalOperations)?

  /// The checker of the run's history.
  var checker: any Checker { get }
}

extension Workload {
  public func setupRequest() -> Request? { nil }
  public var requestTimeout: Duration { TestOptions.requestTimeout }
  public mutating func chooseThread(
    of count: Int, isFree: (Int) -> Bool, _ random: inout SeededGenerator
  ) -> Int? { nil }
  public mutating func observe(_ completion: Operation) {}
  public func makeFinalOperations(for thread: ClientThread) -> (any FinalOperations)? { nil }
}

/// A client thread, as a workload sees it.
public struct ClientThread: Sendable {
  /// The thread's number, from 0.
  public var index: Int
  /// The number of threads.
  public var count: Int
  /// The current process of the thread. A crashed process is replaced by a new one.
  public var process: Int

  public init(index: Int, count: Int, process: Int) {
    self.index = index
    self.count = count
    self.process = process
  }
}

/// An operation that a client is to carry out.
public struct Invocation: Sendable {
  /// The function, such as `broadcast`.
  public var function: String
  /// The argument; nil if the function takes none.
  public var value: RawJSON?
  /// Whether the operation follows recovery.
  public var isFinal: Bool

  /// Creates an invocation of `function` with an argument.
  public init(_ function: String, _ value: RawJSON? = nil, isFinal: Bool = false) {
    self.function = function
    self.value = value
    self.isFinal = isFinal
  }
}

/// A request's type and the fields of its body; the client adds `msg_id`.
public struct Request {
  /// The type of the body.
  public var type: String
  /// Writes the fields beside `type` and `msg_id`.
  public var fields: (inout JSONWriter) -> Void

  /// Creates a request; `fields` writes the fields of its body beside `type` and `msg_id`.
  public init(_ type: String, _ fields: @escaping (inout JSONWriter) -> Void = { _ in }) {
    self.type = type
    self.fields = fields
  }
}

/// The outcome of an operation.
public enum Outcome: Sendable {
  /// It happened, with this result if the function has one.
  case ok(RawJSON?)
  /// It definitely did not happen.
  case fail(OperationError)
  /// It may have happened or may still happen. The process crashes.
  case info(OperationError)
}

/// The next step of a client.
public enum ClientStep {
  /// Send a request and await its reply.
  case send(Request)
  /// End the operation.
  case complete(Outcome)
}

/// A process's conversation with its node: a state machine without IO.
public protocol Client {
  /// Begins an operation. The previous one has completed.
  mutating func invoke(_ invocation: Invocation) -> ClientStep
  /// Takes the reply to the last request. The run itself handles errors and timeouts, with
  /// ``isIdempotent(_:)``.
  mutating func receive(_ reply: Message) -> ClientStep
  /// Whether an operation without a definite reply may be recorded as failed, as a read may.
  func isIdempotent(_ invocation: Invocation) -> Bool
}

/// A client whose operations are one request and one reply each.
public struct SingleRequestClient: Client {
  /// The expected form of a reply. As in Maelstrom, a reply with other fields is rejected.
  public struct Schema: Sendable {
    /// The type of the body.
    public var type: String
    /// The required fields beside `type`, `in_reply_to` and `msg_id`. No others are allowed.
    public var fields: [String]

    /// Creates a schema.
    public init(_ type: String, fields: [String] = []) {
      self.type = type
      self.fields = fields
    }
  }

  let request: (Invocation) -> (Request, Schema)
  let result: (Invocation, Message) throws -> RawJSON?
  let idempotent: Set<String>
  private var current: (Invocation, Schema)?

  /// - Parameters:
  ///   - idempotent: The functions whose operations may be recorded as failed when no definite reply arrives.
  ///   - request: Makes the request of an invocation and the schema of its reply.
  ///   - result: Reads the operation's value from the reply; throws if the reply is malformed.
  public init(
    idempotent: Set<String> = [], request: @escaping (Invocation) -> (Request, Schema),
    result: @escaping (Invocation, Message) throws -> RawJSON?
  ) {
    self.idempotent = idempotent
    self.request = request
    self.result = result
  }

  public mutating func invoke(_ invocation: Invocation) -> ClientStep {
    let (request, schema) = request(invocation)
    current = (invocation, schema)
    return .send(request)
  }

  public mutating func receive(_ reply: Message) -> ClientStep {
    guard let (invocation, schema) = current else { preconditionFailure("a reply without an invocation") }
    do {
      try schema.check(reply)
      return .complete(.ok(try result(invocation, reply)))
    } catch {
      return .complete(.info(OperationError(malformedReply: error)))
    }
  }

  public func isIdempotent(_ invocation: Invocation) -> Bool { idempotent.contains(invocation.function) }
}

extension SingleRequestClient.Schema {
  /// A description of what is wrong with a reply.
  struct Mismatch: Error, CustomStringConvertible {
    let description: String
  }

  func check(_ reply: Message) throws {
    guard reply.type == type else { throw Mismatch(description: "expected type \(type), got \(reply.type)") }
    for field in fields where !reply.contains(field) {
      throw Mismatch(description: "\(type) lacks the field \(field)")
    }
    // With this number of fields there can be no other field.
    let envelopeCount = 1 + (reply.inReplyTo == nil ? 0 : 1) + (reply.id == nil ? 0 : 1)
    guard reply.fieldCount != fields.count + envelopeCount else { return }
    for key in reply.fieldNames where !fields.contains(key) && !Self.envelopeFields.contains(key) {
      throw Mismatch(description: "\(type) has the field \(key), which the workload does not define")
    }
  }

  /// The fields that any reply may have.
  private static let envelopeFields = ["type", "in_reply_to", "msg_id"]
}
