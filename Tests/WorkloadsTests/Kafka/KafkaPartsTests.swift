import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

@Suite struct KafkaLogsTests {
  private let first = Origin(node: 0, incarnation: 7)
  private let second = Origin(node: 1, incarnation: 9)

  private func segment(_ slot: Int, _ batches: KafkaBatch..., commits: [String: Int] = [:]) -> KafkaSegment {
    KafkaSegment(slot: slot, writer: 0, batches: batches, commits: commits)
  }

  private func batch(_ origin: Origin, _ first: Int, _ records: (String, Int)...) -> KafkaBatch {
    KafkaBatch(
      origin: origin, first: first, records: records.map { .init(key: $0.0, message: RawJSON($0.1)) })
  }

  private func read(_ logs: KafkaLogs, _ key: String, from offset: Int = 0) -> String {
    var writer = JSONWriter()
    writer.array { logs.write(key, from: offset, to: &$0) }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Applies segments, and returns where the records went, as `number→offset`.
  private func apply(_ segments: KafkaSegment..., to logs: inout KafkaLogs) -> [String] {
    var placed: [String] = []
    for segment in segments { logs.apply(segment) { placed.append("\($1)→\($2)") } }
    return placed
  }

  @Test func offsetsCountTheRecordsOfAKey() {
    var logs = KafkaLogs()
    let placed = apply(
      segment(0, batch(first, 0, ("a", 10), ("b", 11), ("a", 12)), batch(second, 0, ("a", 13))),
      segment(1, batch(second, 1, ("b", 14))), to: &logs)
    #expect(placed == ["0→0", "1→0", "2→1", "0→2", "1→1"])
    #expect(read(logs, "a") == "[[0,10],[1,12],[2,13]]")
    #expect(read(logs, "b", from: 1) == "[[1,14]]")
    #expect(read(logs, "b", from: 2) == "[]")
    #expect(read(logs, "unknown") == "[]")
    #expect(logs.end(of: "a") == 3)
  }

  @Test func aBatchWrittenTwiceCountsOnce() {
    var logs = KafkaLogs()
    let again = batch(first, 0, ("a", 10), ("a", 11))
    let placed = apply(segment(0, again), segment(1, again), to: &logs)
    #expect(placed == ["0→0", "1→1"])
    #expect(read(logs, "a") == "[[0,10],[1,11]]")
  }

  @Test func aBatchThatRepeatsAndGoesOnCountsFromWhereItIsNew() {
    var logs = KafkaLogs()
    let placed = apply(
      segment(0, batch(first, 0, ("a", 10), ("b", 11))),
      segment(1, batch(first, 1, ("b", 11), ("a", 12))), to: &logs)
    #expect(placed == ["0→0", "1→0", "2→1"])
    #expect(logs.count(from: first) == 3)
  }

  @Test func aBatchBeyondAGapCountsForNothing() {
    var logs = KafkaLogs()
    let placed = apply(
      segment(0, batch(first, 1, ("a", 11))), segment(1, batch(first, 0, ("a", 10), ("a", 11))), to: &logs)
    #expect(placed == ["0→0", "1→1"])
    #expect(read(logs, "a") == "[[0,10],[1,11]]")
  }

  @Test func livesOfANodeAreOriginsOfTheirOwn() {
    var logs = KafkaLogs()
    let reborn = Origin(node: 0, incarnation: 8)
    _ = apply(segment(0, batch(first, 0, ("a", 10)), batch(reborn, 0, ("a", 11))), to: &logs)
    #expect(read(logs, "a") == "[[0,10],[1,11]]")
  }

  @Test func committedOffsetsNeverFall() {
    var logs = KafkaLogs()
    #expect(logs.committedOffset(of: "a") == nil)
    let records = batch(first, 0, ("a", 10), ("a", 11), ("a", 12), ("b", 13))
    _ = apply(
      segment(0, records), segment(1, commits: ["a": 2]), segment(2, commits: ["a": 1, "b": 0]), to: &logs)
    logs.commit(1, of: "a")
    #expect(logs.committedOffset(of: "a") == 2)
    #expect(logs.committedOffset(of: "b") == 0)
  }

  @Test(arguments: [-1, 1, .max, .min])
  func anOffsetWithoutARecordIsNotCommitted(offset: Int) {
    var logs = KafkaLogs()
    _ = apply(segment(0, batch(first, 0, ("a", 10)), commits: ["a": offset, "b": offset]), to: &logs)
    #expect(logs.committedOffset(of: "a") == nil)
    #expect(logs.committedOffset(of: "b") == nil)
  }

  @Test func segmentsReadAsTheyWereWritten() throws {
    let segment = KafkaSegment(
      slot: 17, writer: 2,
      batches: [
        batch(first, 4, ("k\"1", 9), ("k2", 5)), batch(second, 0),
        KafkaBatch(
          origin: second, first: 1, records: [.init(key: "", message: try RawJSON(parsing: "[1.0]"))]),
      ], commits: ["b": 1, "a": 2])
    var writer = JSONWriter()
    writer.value(segment)
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == #"{"slot":17,"writer":2,"batches":[[0,7,4,["k\"1",9],["k2",5]],[1,9,0],[1,9,1,["",[1.0]]]],"#
        + #""commits":{"a":2,"b":1}}"#)
    var reader = JSONReader(writer.bytes)
    let copy = try KafkaSegment(reading: &reader)
    #expect(copy == segment)
  }
}

/// What no node of the cluster would have written.
@Suite struct KafkaStrangersTests {
  /// A node that has found `value` in slot 0, and nothing in slots 1 and 2.
  private func node(found value: JSONValue) throws -> ScriptedNode {
    let node = ScriptedNode(Kafka())
    node.answer(try #require(node.take("read")), "read_ok", ["value": value])
    for _ in 0..<2 { node.answer(try #require(node.take("read")), error: 20) }
    return node
  }

  @Test(
    arguments: [
      1, [], ["slot": 5], ["slot": 0, "batches": 1], ["slot": 0, "batches": []],
      ["slot": 0, "writer": 99, "batches": []], ["slot": 0, "writer": -1, "batches": [[0]]],
    ] as [JSONValue])
  func aSlotThatHoldsNoSegmentCountsAsEmptyAndTheNodeGoesOn(value: JSONValue) throws {
    let node = try node(found: value)
    node.receive("send", ["key": "a", "msg": 1])
    let write = try #require(node.take("cas"))
    #expect(write.body["key"] == "kafka/segment/1")
    node.answer(write, "cas_ok")
    #expect(try node.take("send_ok")?.integer("offset") == 0)
  }

  @Test func recordsOfAnotherNodeOfTheSameIncarnationDoNoHarm() throws {
    let twin = ScriptedNode(Kafka())
    twin.answer(try #require(twin.take("read")), error: 20)
    twin.receive("send", ["key": "a", "msg": "x"])
    let write = try #require(twin.take("cas"))
    let segment = try #require(write.body["to"])
    // The same seed gives the same incarnation.
    let node = try node(found: segment)
    node.receive("send", ["key": "a", "msg": "y"])
    node.answer(try #require(node.take("cas")), "cas_ok")
    #expect(try node.take("send_ok")?.integer("offset") == 1)
  }

  @Test(
    arguments: [
      ("append", ["batch": [1, 5, .integer(.max), ["a", "x"]]]),
      ("segment", ["segment": ["slot": .integer(.max), "writer": 1, "batches": []]]),
    ] as [(String, JSONObject)])
  func numbersAtTheEndOfTheirRangeDoNoHarm(type: String, fields: JSONObject) throws {
    let node = try node(found: ["slot": 0, "writer": 0, "batches": []])
    node.receive(type, fields, from: "n1")
    node.advance(by: .seconds(3))
    node.receive("poll", ["offsets": ["a": 0]])
    #expect(try node.take("poll_ok")?.value("msgs") == [:])
  }
}
