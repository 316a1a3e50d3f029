import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

/// Stores that hold, where a node's own data should be, what no node would have written.
@Suite struct HostileStoreTests {
  /// Draws JSON that is near to what a node stores, with numbers at the ends of their ranges.
  private struct Draw {
    var random: SeededGenerator

    mutating func number() -> JSONValue {
      let numbers: [JSONValue] = [
        0, 1, 2, -1, .integer(.max), .integer(.min), .integer(1 << 62), .integer((1 << 62) - 1),
        .integer(1 << 50), 1.0, 0.5, nil, "0",
      ]
      return random.chance(0.7) ? .integer(random.below(4)) : random.pick(numbers)!
    }

    mutating func list(_ count: Int, _ element: (inout Draw) -> JSONValue) -> JSONValue {
      .array((0..<count).map { _ in element(&self) })
    }

    mutating func segment(_ slot: Int) -> JSONValue {
      guard random.chance(0.9) else { return number() }
      let batches = list(random.below(3)) { draw in
        guard draw.random.chance(0.9) else { return draw.number() }
        var batch = [draw.number(), draw.number(), draw.number()]
        for _ in 0..<draw.random.below(3) { batch.append(["a", draw.number()]) }
        return .array(batch)
      }
      return [
        "slot": random.chance(0.8) ? JSONValue(slot) : number(), "writer": number(), "batches": batches,
        "commits": random.chance(0.5) ? ["a": number(), "b": number()] : [:],
      ]
    }
  }

  private func code(_ error: Message?) throws -> Int? { try error?.integer("code") }

  /// The sum is that of the store's state and of the adds that were acknowledged, or adds are refused.
  @Test(arguments: UInt64(0)..<300)
  func aCounterGoesOnFromAStateOrRefuses(seed: UInt64) throws {
    var draw = Draw(random: SeededGenerator(seed: seed))
    let stored = draw.list([2, 2, 2, 1, 3][draw.random.below(5)]) { $0.number() }
    let node = ScriptedNode(Counter(.init(growsOnly: false)))
    node.answer(try #require(node.take("read")), "read_ok", ["value": stored])
    guard let write = node.take("cas") else {
      node.receive("add", ["delta": 1])
      #expect(try code(node.take("error")) == 11)
      return
    }
    guard case .integer(let version)? = stored[0], case .integer(let total)? = stored[1] else {
      Issue.record("\(stored) is no state")
      return
    }
    #expect(write.body["from"] == stored)
    #expect(write.body["to"] == [.integer(version + 1), .integer(total)])
    node.answer(write, "cas_ok")
    node.receive("add", ["delta": 1])
    guard total < .max else {
      #expect(try code(node.take("error")) == 22)
      return
    }
    node.answer(try #require(node.take("cas")), "cas_ok")
    #expect(node.take("add_ok") != nil)
    node.receive("read")
    #expect(try node.take("read_ok")?.integer("value") == Int(total) + 1)
  }

  /// Whatever the slots hold, offsets have no gaps, and a record is where its acknowledgement says.
  @Test(arguments: UInt64(0)..<300)
  func kafkaHasNoGapsWhateverItFinds(seed: UInt64) throws {
    var draw = Draw(random: SeededGenerator(seed: seed))
    let slots = (0..<draw.random.below(5)).map { draw.segment($0) }
    let node = ScriptedNode(Kafka())
    try answerReads(of: node, from: slots)
    node.receive("send", ["key": "a", "msg": "mine"])
    var write = node.take("cas")
    // Another node is said to have written last: this one takes over when it does not answer.
    for _ in 0..<5 where write == nil {
      node.advance(by: .milliseconds(600))
      try answerReads(of: node, from: slots)
      write = node.take("cas")
    }
    node.answer(try #require(write), "cas_ok")
    let offset = try #require(try node.take("send_ok")?.integer("offset"))
    node.receive("poll", ["offsets": ["a": 0]])
    guard case .array(let records)? = try node.take("poll_ok")?.value("msgs")["a"] else {
      Issue.record("no records")
      return
    }
    #expect(records.map { $0[0] } == records.indices.map { JSONValue($0) })
    #expect(records[offset] == [JSONValue(offset), "mine"])
    node.receive("list_committed_offsets", ["keys": ["a", "b"]])
    guard case .object(let committed)? = try node.take("list_committed_offsets_ok")?.value("offsets") else {
      Issue.record("no offsets")
      return
    }
    for (key, value) in committed {
      guard key == "a", case .integer(let at) = value, records.indices.contains(Int(at)) else {
        Issue.record("\(value) is committed of \(key), which has \(records.count) records")
        continue
      }
    }
  }

  private func answerReads(of node: ScriptedNode, from slots: [JSONValue]) throws {
    while let read = node.take("read") {
      let path = try read.string("key").split(separator: "/")
      if path.contains("segment"), let slot = path.last.flatMap({ Int($0) }), slots.indices.contains(slot) {
        node.answer(read, "read_ok", ["value": slots[slot]])
      } else {
        node.answer(read, error: 20)
      }
    }
  }

  /// Polls look for what was missed; while the store is out they must leave nothing behind.
  @Test func pollsDuringAnOutageDoNotPileUp() throws {
    let kafka = Kafka()
    let node = ScriptedNode(kafka)
    while let read = node.take("read") { node.answer(read, error: 20) }
    for _ in 0..<100 {
      node.advance(by: .seconds(2))
      node.receive("poll", ["offsets": [:]])
    }
    #expect(kafka.store.isCatchingUp)
    #expect(kafka.store.waiters?.count == 0)
  }
}
