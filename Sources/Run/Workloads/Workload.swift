public import EddyCheckers
public import EddyHistory
public import EddyNode

/// The client's side of a workload: what is asked of the nodes, and how the answers are judged.
///
/// One file a workload, always in the same order, as in Maelstrom's `workload/*.clj`:
/// requests, client, generator, checker.
public protocol Workload {
  /// The name given to `--workload`.
  static var name: String { get }

  /// The workload of a run.
  init(_ options: TestOptions)

  /// A request that every node is sent after `init`, before the run; it must succeed.
  func setupRequest() -> Request?

  /// A client for one process. It talks to `node` and has one request outstanding at a time.
  func makeClient(process: Int, node: String) -> any Client

  /// What every node must answer once all faults have healed: for each client that finds out, the
  /// functions it invokes, one after the other.
  var probedFunctions: [[String]] { get }

  /// An invocation of one of ``probedFunctions``.
  mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation

  /// The next operation for this client thread, which is free; nil if there is none for it now. It is asked
  /// again when an operation has ended.
  mutating func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator) -> Invocation?

  /// Told of every completion, so that later operations can depend on what earlier ones found.
  mutating func observe(_ completion: Operation)

  /// What a client thread does after recovery; nil if the run ends without.
  ///
  /// Called once for each thread when the cluster has recovered. A single operation is `.once("read")`.
  func makeFinalOperations() -> (any FinalOperations)?

  /// Judges the history of the run.
  var checker: any Checker { get }
}

extension Workload {
  public func setupRequest() -> Request? { nil }
  public mutating func observe(_ completion: Operation) {}
  public func makeFinalOperations() -> (any FinalOperations)? { nil }
}

/// A client thread that is free for an operation.
public struct ClientThread: Sendable {
  /// Its number, from 0.
  public var index: Int
  /// How many threads there are.
  public var count: Int
  /// The process that it runs now; another one each time it has crashed.
  public var process: Int

  public init(index: Int, count: Int, process: Int) {
    self.index = index
    self.count = count
    self.process = process
  }
}

/// What a client is told to do.
public struct Invocation: Sendable {
  /// What is asked for, such as `broadcast`.
  public var function: String
  /// Its argument, nil if it takes none.
  public var value: RawJSON?
  /// True for what follows recovery.
  public var isFinal: Bool

  /// What to do, and with what.
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
  /// Writes the other fields.
  public var fields: (inout JSONWriter) -> Void

  /// A request of this type with what `fields` writes.
  public init(_ type: String, _ fields: @escaping (inout JSONWriter) -> Void = { _ in }) {
    self.type = type
    self.fields = fields
  }
}

/// How an operation ended.
public enum Outcome: Sendable {
  /// It happened, with this result if it has one.
  case ok(RawJSON?)
  /// It definitely did not happen.
  case fail(OperationError)
  /// It may have happened, or may yet; the process crashes.
  case info(OperationError)
}

/// What a client does next.
public enum ClientStep {
  /// Send a request and await its reply.
  case send(Request)
  /// End the operation.
  case complete(Outcome)
}

/// One process's side of the conversation with its node: a state machine without IO.
public protocol Client {
  /// Begins an operation. Called when the one before has ended.
  mutating func invoke(_ invocation: Invocation) -> ClientStep
  /// Called with the successful reply to the request sent last; errors and time-outs are
  /// handled by the workbench with ``isIdempotent(_:)``.
  mutating func receive(_ reply: Message) -> ClientStep
  /// True if an operation without a definite answer can be taken as failed, as a read can.
  func isIdempotent(_ invocation: Invocation) -> Bool
}

/// A client whose operations are one request and one reply each.
public struct SingleRequestClient: Client {
  /// What a reply must look like: Maelstrom rejects a reply with other fields than these.
  public struct Schema: Sendable {
    /// The type of the body.
    public var type: String
    /// The fields beside `type`, `in_reply_to` and `msg_id`, all of them required.
    public var fields: [String]

    /// A reply of this type with these fields.
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
  ///   - idempotent: The functions that can be taken as failed when nobody answers.
  ///   - request: The request that an invocation makes, and its reply's schema.
  ///   - result: The operation's value, from the reply.
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
  /// What is wrong with a reply.
  struct Mismatch: Error, CustomStringConvertible {
    let description: String
  }

  func check(_ reply: Message) throws {
    guard reply.type == type else { throw Mismatch(description: "expected type \(type), got \(reply.type)") }
    for field in fields where !reply.contains(field) {
      throw Mismatch(description: "\(type) lacks the field \(field)")
    }
    // As many as there may be: then there is no other.
    let envelopeCount = 1 + (reply.inReplyTo == nil ? 0 : 1) + (reply.id == nil ? 0 : 1)
    guard reply.fieldCount != fields.count + envelopeCount else { return }
    for key in reply.fieldNames where !fields.contains(key) && !Self.envelopeFields.contains(key) {
      throw Mismatch(description: "\(type) has the field \(key), which its workload does not name")
    }
  }

  /// The fields that any reply may have.
  private static let envelopeFields = ["type", "in_reply_to", "msg_id"]
}
