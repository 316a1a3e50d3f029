import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

/// Chunks: copies of many segments from which a node that starts reads them at once.
@Suite struct KafkaChunkTests {
  /// What lin-kv holds after `count` segments of one record each, all of them written by one node.
  private func store(after count: Int) throws -> [String: JSONValue] {
    let node = ScriptedNode(Kafka(), of: 1)
    node.answer(try #require(node.take("read")), error: 20)
    var store: [String: JSONValue] = [:]
    for number in 0..<count {
      node.receive("send", ["key": "a", "msg": JSONValue(number)])
      node.advance(by: .milliseconds(100))
      let write = try #require(node.take("cas"))
      store[try write.string("key")] = write.body["to"]
      node.answer(write, "cas_ok")
      if let chunk = node.take("write") { store[try chunk.string("key")] = chunk.body["value"] }
    }
    return store
  }

  /// Starts a node on such a store; returns how many reads it needs, what it writes meanwhile, and it.
  private func start(on store: [String: JSONValue]) throws -> (reads: Int, node: ScriptedNode) {
    let node = ScriptedNode(Kafka(), of: 1, seed: 2)
    var reads = 0
    while let read = node.take("read") {
      reads += 1
      if let value = store[try read.string("key")] {
        node.answer(read, "read_ok", ["value": value])
      } else {
        node.answer(read, error: 20)
      }
    }
    return (reads, node)
  }

  private func records(_ node: ScriptedNode) throws -> [JSONValue] {
    node.receive("poll", ["offsets": ["a": 0]])
    guard case .array(let records)? = try node.take("poll_ok")?.value("msgs")["a"] else { return [] }
    return records
  }

  private func expectAll(_ count: Int, on node: ScriptedNode) throws {
    #expect(try records(node) == (0..<count).map { [JSONValue($0), JSONValue($0)] })
  }

  @Test func aNodeThatStartsReadsChunks() throws {
    let store = try store(after: 300)
    #expect(
      store.keys.filter { $0.hasPrefix("kafka/chunk/") }.sorted() == (0..<4).map { "kafka/chunk/\($0)" })
    let (reads, node) = try start(on: store)
    try expectAll(300, on: node)
    // Four chunks, the 44 segments behind them, and some attempts at what is not there.
    #expect(reads < 80)
  }

  @Test(arguments: [nil, 7, [], [["slot": 64]]] as [JSONValue?])
  func aChunkThatIsMissingOrMalformedIsReadSegmentBySegment(chunk: JSONValue?) throws {
    var store = try store(after: 300)
    store["kafka/chunk/1"] = chunk
    let (reads, node) = try start(on: store)
    try expectAll(300, on: node)
    #expect(reads > 64)
    // Its writer stores it anew, and no other.
    #expect(try node.take("write")?.string("key") == "kafka/chunk/1")
    #expect(node.take("write") == nil)
  }

  @Test func aSlotThatHoldsNoSegmentIsAnEmptyOneInItsChunk() throws {
    var store = try store(after: 80)
    store["kafka/segment/3"] = "no segment"
    store["kafka/chunk/0"] = nil
    let node = try start(on: store).node
    let left = try records(node)
    // All records behind the hole are missing their predecessor.
    #expect(left.count == 3)
    store["kafka/chunk/0"] = try #require(node.take("write")).body["value"]
    #expect(try records(start(on: store).node) == left)
  }
}
