import EddyNode
import EddyTiming
import Testing

/// A node and the test as the service that it talks to.
private final class Conversation {
  private final class Nothing: Handler {
    func receive(_ message: Message, on node: Node) throws(RPCError) {}
  }

  let node = Node(Nothing(), seed: 1)
  private(set) var now = Instant.zero

  init() throws {
    node.receive(
      #"{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}"#, at: now
    )
    _ = try sent()
  }

  /// The messages that the node has sent since the last call.
  func sent() throws -> [Message] {
    var text = ""
    node.drainOutput { text = String(decoding: $0, as: UTF8.self) }
    return try text.split(separator: "\n").map { try Message(parsing: String($0)) }
  }

  /// Forgets what the node has sent.
  func dropOutput() { node.drainOutput { _ in } }

  /// The one message that the node has sent since the last call.
  func request() throws -> Message {
    let messages = try sent()
    #expect(messages.count == 1)
    return try #require(messages.first)
  }

  /// Answers a request with a body that lacks `in_reply_to` only.
  func answer(_ request: Message, _ body: String) throws {
    let id = try #require(request.id)
    let end = body.dropFirst()
    node.receive(
      #"{"src":"\#(request.destination)","dest":"n1","body":{"in_reply_to":\#(id),\#(end)}"#, at: now)
  }

  func pass(_ duration: Duration) {
    now = now + duration
    node.fireTimers(at: now)
  }
}

/// What a closure was called with.
private final class Outcomes<Success> {
  private(set) var all: [Result<Success, RPCError>] = []
  func note(_ result: Result<Success, RPCError>, _ node: Node) { all.append(result) }
}

struct KeyValueStoreTests {
  private let store = KeyValueStore.linearizable

  @Test func aReadGivesTheValueAsItWasWritten() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<RawJSON?>()
    store.read("x", on: conversation.node, then: outcomes.note)
    let request = try conversation.request()
    #expect(request.destination == "lin-kv")
    #expect(request.fields == ["type": "read", "key": "x"])
    try conversation.answer(request, #"{"type":"read_ok","value":[1.50]}"#)
    #expect(outcomes.all == [.success(try RawJSON(parsing: "[1.50]"))])
  }

  @Test func aReadGivesTheTypeThatIsAskedFor() throws {
    let conversation = try Conversation()
    let sums = Outcomes<Int?>()
    store.read("sum", as: Int.self, on: conversation.node, then: sums.note)
    try conversation.answer(try conversation.request(), #"{"type":"read_ok","value":42}"#)
    store.read("sum", as: Int.self, on: conversation.node, then: sums.note)
    try conversation.answer(try conversation.request(), #"{"type":"error","code":20,"text":"no such key"}"#)
    #expect(sums.all == [.success(42), .success(nil)])

    let lists = Outcomes<[String]?>()
    store.read("names", as: [String].self, on: conversation.node, then: lists.note)
    try conversation.answer(try conversation.request(), #"{"type":"read_ok","value":["a","b"]}"#)
    #expect(lists.all == [.success(["a", "b"])])
  }

  @Test func aValueOfAnotherTypeIsAnIndefiniteError() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<Int?>()
    store.read("sum", as: Int.self, on: conversation.node, then: outcomes.note)
    try conversation.answer(try conversation.request(), #"{"type":"read_ok","value":"42"}"#)
    let error = try #require(outcomes.all.first?.failure)
    #expect(error.code == 13 && !error.isDefinite)
    #expect(error.text.contains(#"lin-kv sent a malformed read_ok: the field "value""#))
  }

  @Test func aMissingKeyIsNoError() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<RawJSON?>()
    store.read("x", on: conversation.node, then: outcomes.note)
    try conversation.answer(
      try conversation.request(), #"{"type":"error","code":20,"text":"key does not exist"}"#)
    #expect(outcomes.all == [.success(nil)])
  }

  @Test func aReadThatNobodyAnswersIsAskedAgain() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<RawJSON?>()
    store.read("x", attempts: 3, on: conversation.node, then: outcomes.note)
    let first = try conversation.request()
    conversation.pass(store.timeout)
    let second = try conversation.request()
    #expect(second.body["key"] == "x")
    #expect(first.id != second.id)
    try conversation.answer(second, #"{"type":"read_ok","value":7}"#)
    try conversation.answer(first, #"{"type":"read_ok","value":6}"#)
    #expect(outcomes.all == [.success(RawJSON(7))])
  }

  @Test func aReadGivesUpAfterItsLastAttempt() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<RawJSON?>()
    store.read("x", attempts: 3, on: conversation.node, then: outcomes.note)
    for _ in 0..<3 {
      _ = try conversation.request()
      #expect(outcomes.all.isEmpty)
      conversation.pass(store.timeout)
    }
    #expect(try conversation.sent().isEmpty)
    #expect(outcomes.all.map { $0.failure?.isDefinite } == [false])
  }

  /// A store may be out for days: what waits must neither pile up nor unwind in one call.
  @Test func anAnswerAfterAHundredThousandUnansweredAttemptsIsTaken() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<RawJSON?>()
    let patient = KeyValueStore("lin-kv", timeout: .milliseconds(1))
    patient.read("x", attempts: .max, on: conversation.node, then: outcomes.note)
    for _ in 0..<120_000 {
      conversation.dropOutput()
      conversation.pass(patient.timeout)
    }
    #expect(outcomes.all.isEmpty)
    try conversation.answer(try conversation.request(), #"{"type":"read_ok","value":7}"#)
    #expect(outcomes.all == [.success(RawJSON(7))])
  }

  /// Asked again at once, a service that answers so would be asked as fast as the network carries.
  @Test func anAnswerThatSaysTimeoutIsAnAnswer() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<RawJSON?>()
    store.read("x", attempts: .max, on: conversation.node, then: outcomes.note)
    try conversation.answer(try conversation.request(), #"{"type":"error","code":0,"text":"busy"}"#)
    #expect(try conversation.sent().isEmpty)
    #expect(outcomes.all.map { $0.failure } == [.timeout("busy")])
  }

  @Test func anAnswerWithoutAValueIsAnIndefiniteError() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<RawJSON?>()
    store.read("x", on: conversation.node, then: outcomes.note)
    try conversation.answer(try conversation.request(), #"{"type":"read_ok"}"#)
    #expect(outcomes.all.map { $0.failure?.code } == [13])
  }

  @Test func aWriteIsAskedOnceUnlessTheCallerKnowsBetter() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<Void>()
    store.write("x", [1, 2], on: conversation.node, then: outcomes.note)
    #expect(try conversation.request().fields == ["type": "write", "key": "x", "value": [1, 2]])
    conversation.pass(store.timeout)
    #expect(try conversation.sent().isEmpty)
    #expect(outcomes.all.map { $0.failure?.isDefinite } == [false])

    store.write("y", 3, attempts: 2, on: conversation.node, then: outcomes.note)
    _ = try conversation.request()
    conversation.pass(store.timeout)
    try conversation.answer(try conversation.request(), #"{"type":"write_ok"}"#)
    #expect(outcomes.all.map { $0.failure == nil } == [false, true])
  }

  @Test func aDefiniteErrorAfterSilenceLeavesAWriteIndefinite() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<Void>()
    store.write("x", 1, attempts: 2, on: conversation.node, then: outcomes.note)
    _ = try conversation.request()
    conversation.pass(store.timeout)
    try conversation.answer(try conversation.request(), #"{"type":"error","code":11,"text":"busy"}"#)
    let error = try #require(outcomes.all.first?.failure)
    #expect(!error.isDefinite)
    #expect(error.text.contains("11 temporarily-unavailable: busy"))
  }

  @Test func compareAndSetTellsDefiniteFromIndefinite() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<Void>()
    store.compareAndSet("x", from: 1, to: 2, on: conversation.node, then: outcomes.note)
    let request = try conversation.request()
    #expect(request.fields == ["type": "cas", "key": "x", "from": 1, "to": 2])
    try conversation.answer(request, #"{"type":"error","code":22,"text":"current value 3 is not 1"}"#)
    #expect(outcomes.all.last?.failure == .preconditionFailed("current value 3 is not 1"))
    #expect(outcomes.all.last?.failure?.isDefinite == true)

    store.compareAndSet(
      "x", from: 1, to: 2, createIfNotExists: true, on: conversation.node, then: outcomes.note)
    #expect(try conversation.request().body["create_if_not_exists"] == true)
    conversation.pass(store.timeout)
    #expect(try conversation.sent().isEmpty, "asked again, it could fail because it had succeeded")
    #expect(outcomes.all.last?.failure?.isDefinite == false)
  }
}

struct TimestampOracleTests {
  @Test func aTimestampIsAskedForUntilAnswered() throws {
    let conversation = try Conversation()
    let outcomes = Outcomes<Int>()
    TimestampOracle().next(on: conversation.node, then: outcomes.note)
    #expect(try conversation.request().destination == "lin-tso")
    conversation.pass(.seconds(1))
    let request = try conversation.request()
    #expect(request.type == "ts")
    try conversation.answer(request, #"{"type":"ts_ok","ts":123}"#)
    #expect(outcomes.all == [.success(123)])
  }
}

extension Message {
  /// The body without its `msg_id`.
  fileprivate var fields: JSONValue {
    guard case .object(var fields) = body else { return body }
    fields["msg_id"] = nil
    return .object(fields)
  }
}

extension Result {
  fileprivate var failure: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
