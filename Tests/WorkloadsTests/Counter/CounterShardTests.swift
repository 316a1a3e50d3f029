import EddyNode
import EddyTiming
import EddyWorkloads
import Testing

/// One node and its store, which answers late, from the past, or not at all.
@Suite struct CounterShardTests {
  /// A node whose shard has been found to hold `total`, and stored anew under version 8.
  private func started(holding total: Int) throws -> ScriptedNode {
    let node = ScriptedNode(Counter(.init(growsOnly: false)))
    node.answer(try #require(node.take("read")), "read_ok", ["value": [7, JSONValue(total)]])
    try node.expectWrite(from: [7, JSONValue(total)], to: [8, JSONValue(total)], answer: .done)
    return node
  }

  @Test func itLooksUpItsShardAndStoresItUnderTheNextVersion() throws {
    let node = try started(holding: 5)
    #expect(try node.sum() == 5)
  }

  @Test func aShardThatDoesNotExistIsCreatedUnlessThereIsOneAfterAll() throws {
    let node = ScriptedNode(Counter(.init(growsOnly: false)))
    node.answer(try #require(node.take("read")), error: 20)
    let write = try #require(node.take("cas"))
    #expect(write.body["from"] == .null)
    #expect(write.body["to"] == [1, 0])
    #expect(try write.bool("create_if_not_exists"))
    // The read was answered from a time when there was none.
    node.answer(write, error: 22)
    node.answer(try #require(node.take("read")), "read_ok", ["value": [3, 40]])
    try node.expectWrite(from: [3, 40], to: [4, 40], answer: .done)
    #expect(try node.sum() == 40)
  }

  @Test func aReadFromThePastLosesNothing() throws {
    let node = ScriptedNode(Counter(.init(growsOnly: false)))
    node.answer(try #require(node.take("read")), "read_ok", ["value": [3, 10]])
    node.receive("add", ["delta": 1])
    try node.expectWrite(from: [3, 10], to: [4, 10], answer: .refused)
    node.answer(try #require(node.take("read")), "read_ok", ["value": [5, 30]])
    try node.expectWrite(from: [5, 30], to: [6, 31], answer: .done)
    #expect(node.take("add_ok") != nil)
    #expect(try node.sum() == 31)
  }

  @Test func anAddWhoseAnswerIsLostIsCountedOnce() throws {
    let node = try started(holding: 5)
    let request = node.receive("add", ["delta": 3])
    try node.expectWrite(from: [8, 5], to: [9, 8], answer: .none)
    #expect(node.take("add_ok") == nil)
    node.advance(by: .seconds(1))
    node.answer(try #require(node.take("read")), "read_ok", ["value": [9, 8]])
    #expect(node.take("add_ok")?.inReplyTo == request)
    #expect(node.take("cas") == nil)
    #expect(try node.sum() == 8)
  }

  @Test func anAddThatWasNeverStoredIsStoredLater() throws {
    let node = try started(holding: 5)
    node.receive("add", ["delta": 3])
    try node.expectWrite(from: [8, 5], to: [9, 8], answer: .none)
    node.advance(by: .seconds(1))
    node.answer(try #require(node.take("read")), "read_ok", ["value": [8, 5]])
    try node.expectWrite(from: [8, 5], to: [9, 8], answer: .done)
    #expect(node.take("add_ok") != nil)
    #expect(try node.sum() == 8)
  }

  /// The read that follows upon silence shows the state before; the write was carried out all the
  /// same, and acknowledges those that it stored and no others.
  @Test func aReadFromThePastAfterALostAnswerRepeatsNoAdd() throws {
    let node = try started(holding: 5)
    let first = node.receive("add", ["delta": 3])
    try node.expectWrite(from: [8, 5], to: [9, 8], answer: .none)
    let second = node.receive("add", ["delta": 10], from: "c2")
    node.advance(by: .seconds(1))
    node.answer(try #require(node.take("read")), "read_ok", ["value": [8, 5]])
    try node.expectWrite(from: [8, 5], to: [9, 18], answer: .refused)
    node.answer(try #require(node.take("read")), "read_ok", ["value": [9, 8]])
    #expect(node.take("add_ok")?.inReplyTo == first)
    #expect(node.take("add_ok") == nil)
    node.advance(by: .seconds(1))
    try node.expectWrite(from: [9, 8], to: [10, 18], answer: .done)
    #expect(node.take("add_ok")?.inReplyTo == second)
    #expect(try node.sum() == 18)
  }

  /// A network that duplicates: the first copy is carried out, the second refused, and its answer
  /// comes first.
  @Test func aRefusalIsNotBelieved() throws {
    let node = try started(holding: 5)
    node.receive("add", ["delta": 3])
    try node.expectWrite(from: [8, 5], to: [9, 8], answer: .refused)
    node.answer(try #require(node.take("read")), "read_ok", ["value": [9, 8]])
    #expect(node.take("add_ok") != nil)
    #expect(try node.sum() == 8)
  }

  @Test func aStoreThatDoesNotAnswerIsAskedAgain() throws {
    let node = ScriptedNode(Counter(.init(growsOnly: false)))
    node.receive("add", ["delta": 1])
    node.advance(by: .seconds(30))
    let requests = node.takeAll("read")
    #expect(requests.count > 20)
    node.answer(try #require(requests.last), "read_ok", ["value": [3, 10]])
    try node.expectWrite(from: [3, 10], to: [4, 11], answer: .done)
    #expect(node.takeAll("add_ok").count == 1)
  }

  @Test(
    arguments: [
      "text", [1], [1, 2, 3], ["a", "b"], 5, [1.5, 2], nil, [.integer(.max), 0], [.integer(1 << 62), 5],
      [0, 3], [-1, 3], [.integer(.min), 0], [1.0, 3], [7, 3.0], [7, 9_223_372_036_854_775_808.0], [7, nil],
    ] as [JSONValue])
  func whatIsNoStateIsNeverOverwrittenAndAddsAreRefusedMeanwhile(value: JSONValue) throws {
    let node = ScriptedNode(Counter(.init(growsOnly: false)))
    let early = node.receive("add", ["delta": 3])
    for _ in 0..<3 {
      node.answer(try #require(node.take("read")), "read_ok", ["value": value])
      node.advance(by: .seconds(1))
    }
    let refusal = try #require(node.take("error"))
    #expect(refusal.inReplyTo == early)
    #expect(try refusal.integer("code") == 11)
    node.receive("add", ["delta": 3])
    #expect(try node.take("error")?.integer("code") == 11, "nothing piles up")
    #expect(node.take("cas") == nil)
    #expect(try node.sum() == 0)
    // Whoever wrote that takes it back.
    node.answer(try #require(node.take("read")), "read_ok", ["value": [3, 10]])
    node.receive("add", ["delta": 1])
    try node.expectWrite(from: [3, 10], to: [4, 10], answer: .done)
    try node.expectWrite(from: [4, 10], to: [5, 11], answer: .done)
    #expect(node.take("add_ok") != nil)
    #expect(try node.sum() == 11)
  }

  /// An add of which nobody knows whether it is stored cannot be refused.
  @Test func whatIsNoStateRefusesNoAddThatMayBeStored() throws {
    let node = try started(holding: 5)
    let first = node.receive("add", ["delta": 3])
    try node.expectWrite(from: [8, 5], to: [9, 8], answer: .none)
    let second = node.receive("add", ["delta": 10], from: "c2")
    node.advance(by: .seconds(1))
    node.answer(try #require(node.take("read")), "read_ok", ["value": "text"])
    #expect(node.take("error")?.inReplyTo == second)
    #expect(node.take("error") == nil)
    node.advance(by: .seconds(1))
    node.answer(try #require(node.take("read")), "read_ok", ["value": [9, 8]])
    #expect(node.take("add_ok")?.inReplyTo == first)
    #expect(try node.sum() == 8)
  }

  @Test func addsThatCancelEachOtherOutCostNoWrite() throws {
    let node = try started(holding: 5)
    node.receive("add", ["delta": 3], from: "c1")
    let write = try #require(node.take("cas"))
    node.receive("add", ["delta": 4], from: "c2")
    node.receive("add", ["delta": -4], from: "c3")
    node.answer(write, "cas_ok")
    #expect(node.takeAll("add_ok").count == 3)
    #expect(node.take("cas") == nil)
    #expect(try node.sum() == 8)
  }
}

/// What becomes of a write.
private enum Answer {
  case done, refused, none
}

extension ScriptedNode {
  fileprivate func expectWrite(from: JSONValue, to: JSONValue, answer: Answer) throws {
    let write = try #require(take("cas"))
    #expect(write.body["from"] == from)
    #expect(write.body["to"] == to)
    switch answer {
    case .done: self.answer(write, "cas_ok")
    case .refused: self.answer(write, error: 22)
    case .none: break
    }
  }

  fileprivate func takeAll(_ type: String) -> [Message] {
    var messages: [Message] = []
    while let message = take(type) { messages.append(message) }
    return messages
  }

  fileprivate func sum() throws -> Int {
    receive("read")
    return try #require(take("read_ok")).integer("value")
  }
}
