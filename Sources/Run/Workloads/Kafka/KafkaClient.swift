import EddyCheckers
import EddyHistory
import EddyNode

/// A producer and consumer in one, like the client of Maelstrom's `workload/kafka.clj`.
///
/// It keeps the next offset of each key assigned to it. A poll is followed by a commit of the highest offsets
/// that it returned; both are one operation.
struct KafkaClient: Client {
  private let start: KafkaStart
  private enum Step {
    case idle
    case listing
    case sending(key: String, message: RawJSON)
    case polling
    case committing(polled: RawJSON)
  }

  private var step = Step.idle
  /// The next offset of each assigned key.
  private var offsets: [String: Int] = [:]
  private var assigned: [String] = []

  /// - Parameter start: Where the client begins to read a newly assigned key.
  init(start: KafkaStart = .beginning) { self.start = start }

  mutating func invoke(_ invocation: Invocation) -> ClientStep {
    switch invocation.function {
    case "crash": return .complete(.info(OperationError(name: "crash")))
    case "assign": return assign(invocation)
    case "send":
      guard case .send(let key, let record) = KafkaMicroOperation.list(invocation.value).first else {
        preconditionFailure("a send has a key and a message")
      }
      step = .sending(key: key, message: record.message)
      return .send(
        Request("send") {
          $0.field("key", key)
          $0.field("msg", record.message)
        })
    default:
      step = .polling
      return .send(Request("poll") { [offsets] in $0.field("offsets", sorted: offsets) })
    }
  }

  /// Replaces the assigned keys. A key that was already assigned keeps its offset; a new one starts where
  /// ``KafkaStart`` says. The committed offsets are requested in either case. After recovery every key is
  /// read from the beginning.
  private mutating func assign(_ invocation: Invocation) -> ClientStep {
    var reader = invocation.value?.reader ?? JSONReader([])
    assigned = (try? [String](reading: &reader)) ?? []
    if invocation.isFinal {
      offsets = Dictionary(uniqueKeysWithValues: assigned.map { ($0, 0) })
      return .complete(.ok(invocation.value))
    }
    step = .listing
    return .send(Request("list_committed_offsets") { [assigned] in $0.field("keys", assigned) })
  }

  mutating func receive(_ reply: Message) -> ClientStep {
    do {
      return try advance(reply)
    } catch {
      return .complete(.info(OperationError(malformedReply: error)))
    }
  }

  /// An assign without a reply has had no effect. Every other operation may have had one.
  func isIdempotent(_ invocation: Invocation) -> Bool { invocation.function == "assign" }
}

// MARK: - Replies

extension KafkaClient {
  private typealias Schema = SingleRequestClient.Schema

  private mutating func advance(_ reply: Message) throws -> ClientStep {
    switch step {
    case .idle: preconditionFailure("a reply without a request")
    case .listing:
      try Schema("list_committed_offsets_ok", fields: ["offsets"]).check(reply)
      var reader = try reply.reader("offsets")
      let listed = [String: Int](lastOf: try reader.readIntegersByKey())
      let committed = start == .committed ? listed : [:]
      offsets = Dictionary(
        assigned.map { ($0, offsets[$0] ?? committed[$0] ?? 0) }, uniquingKeysWith: { first, _ in first })
      return .complete(.ok(RawJSON(encoding: JSONValue.array(assigned.map { .string($0) }))))
    case .sending(let key, let message):
      try Schema("send_ok", fields: ["offset"]).check(reply)
      let offset = try reply.integer("offset")
      return .complete(.ok(KafkaMicroOperation.encode(send: message, to: key, at: offset)))
    case .polling:
      try Schema("poll_ok", fields: ["msgs"]).check(reply)
      return try take(try reply.checkedRecords("msgs"), try reply.raw("msgs"))
    case .committing(let polled):
      try Schema("commit_offsets_ok").check(reply)
      return .complete(.ok(polled))
    }
  }

  /// Advances the offsets past the polled messages, and commits them if there were any.
  private mutating func take(
    _ keys: [(key: String, records: [KafkaMicroOperation.Record])], _ spelling: RawJSON
  ) throws(RPCError) -> ClientStep {
    var highest: [String: Int] = [:]
    for (key, records) in keys {
      let last = records.compactMap(\.offset).max() ?? -1
      let (next, isBeyondAll) = last.addingReportingOverflow(1)
      guard !isBeyondAll else {
        throw RPCError.malformedRequest("key \(key) has a record at offset \(last), the largest integer")
      }
      offsets[key] = max(offsets[key] ?? next, next)
      if !records.isEmpty { highest[key] = max(last, 0) }
    }
    let polled = KafkaMicroOperation.encode(poll: spelling)
    guard !highest.isEmpty else { return .complete(.ok(polled)) }
    step = .committing(polled: polled)
    return .send(Request("commit_offsets") { [highest] in $0.field("offsets", sorted: highest) })
  }
}

extension Message {
  /// Reads the records of a poll, each of which must be a pair of offset and message.
  fileprivate func checkedRecords(_ field: String) throws -> [(
    key: String, records: [KafkaMicroOperation.Record]
  )] {
    var pairs = try reader(field)
    try pairs.beginObject()
    while let key = try pairs.nextKey() {
      let lengths = try pairs.readArray { (reader) throws(JSONError) in
        try reader.readArray { (reader) throws(JSONError) in try reader.skip() }.count
      }
      guard lengths.allSatisfy({ $0 == 2 }) else {
        throw RPCError.malformedRequest("the records of key \(key) must be pairs of offset and message")
      }
    }
    var reader = try reader(field)
    let keys = try reader.readRecordsByKey()
    guard keys.allSatisfy({ $0.records.allSatisfy { $0.offset != nil } }) else {
      throw RPCError.malformedRequest("every record must have an offset")
    }
    return keys
  }
}
