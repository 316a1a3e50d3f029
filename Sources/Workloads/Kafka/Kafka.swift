public import EddyNode
import EddyTiming

/// Maelstrom's `kafka`: append-only logs. Each record of a key gets the next offset; none is lost.
///
/// **The log of segments.** All that is acknowledged is in lin-kv, in segments numbered from 0. A slot is written
/// once, by a compare-and-set that succeeds only while its key does not exist. Of two nodes that write to it one
/// fails, and reads what the other has written. Every node derives the same logs from the sequence of segments: a
/// record's offset is the number of its key's records before it. There are no gaps, and nothing can come before
/// what was once read. Segments never change, so each node keeps those it knows and serves polls from memory.
///
/// **Exactly once.** Every node numbers the records that it is sent. A record counts where it comes first, and only
/// after those of lower numbers. So a node may forward its records again, to any node, and requests may be lost,
/// late or duplicated: at worst a segment repeats records of another.
///
/// **The owner.** If every node wrote, they would contend for slots. So one writes for all: the node that wrote the
/// latest segment, at first the first node. The others forward to it what they have gathered (`append`). It writes
/// one segment, and when that is stored sends it to all. This message acknowledges, replicates and confirms the
/// owner. A batch is sent when all clients that were heard of lately wait in it, or when its first record has
/// waited for the window (`GroupCommit`).
///
/// **Take-over.** Ownership is a hint that saves writes; no promise rests on it. A node that does not hear of its
/// records in time reads lin-kv, and if they are not there writes them itself. What the former owner writes then
/// goes to a slot that is taken: it is fenced off, reads what it missed, and continues after that. When both are
/// heard again, all nodes follow the one that wrote last.
///
/// **Catching up** means to read lin-kv from the first unknown slot to the first empty one. A node does so after its
/// start before anything else, when a gap does not close, and when clients poll but no segment has come for a
/// second. An idle cluster is silent.
///
/// Committed offsets never fall. They are acknowledged at once, and stored with the next segment, after a second at
/// the latest. If the node is killed before, clients read some records again.
///
/// The log of write-once slots is from CORFU (Balakrishnan et al., "CORFU: A Shared Log Design for Flash Clusters",
/// 2012), the numbers of records from Kafka's idempotent producers.
public final class Kafka: Handler {
  public struct Options: Sendable {
    /// How long a record waits at most for others to share a write with: latency for fewer writes.
    public var window: Duration

    public init(window: Duration = .milliseconds(50)) { self.window = window }
  }

  let options: Options
  /// Who this node is to the others: the origin of the records that it is sent.
  var localOrigin = Origin(node: 0, incarnation: 0)
  var logs = KafkaLogs()

  let store = SegmentStore()
  var backlog = KafkaBacklog()
  var groupCommit: GroupCommit

  var owner = KafkaOwner()
  var flushTimer: TimerID?

  /// Requests that wait for the node to catch up after its start; nil from then on.
  private var earlyRequests: [Message]? = []

  /// Whether this node has caught up since its start.
  var isReady: Bool { earlyRequests == nil }

  public init(_ options: Options = Options()) {
    self.options = options
    groupCommit = GroupCommit(memory: options.window * 4)
    store.deliver = { [unowned self] in apply($0, on: $1) }
    store.flushed = { [unowned self] in flushIfDue(on: $0) }
  }

  public func start(on node: Node) {
    localOrigin = Origin(node: node.index, incarnation: node.random.below(1 << 31))
    store.catchUp(on: node) { [unowned self] node in
      for request in earlyRequests.take() ?? [] {
        do throws(RPCError) { try receive(request, on: node) } catch { node.reply(to: request, error: error) }
      }
    }
  }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "segment": return try receiveSegment(message, on: node)
    case "append": return try receiveAppend(message, on: node)
    default: break
    }
    guard isReady else {
      earlyRequests?.append(message)
      return
    }
    switch message.type {
    case "send": try send(message, on: node)
    case "poll": try poll(message, on: node)
    case "commit_offsets": try commitOffsets(message, on: node)
    case "list_committed_offsets": try listCommittedOffsets(message, on: node)
    default: throw .notSupported(type: message.type)
    }
  }
}

extension Kafka {
  /// Appends a segment's records to the logs, and acknowledges those that this node was sent.
  private func apply(_ segment: KafkaSegment, on node: Node) {
    let known = logs.count(from: localOrigin)
    logs.apply(segment) { origin, number, offset in
      // Another node may have drawn the same incarnation, however unlikely that is.
      guard origin == localOrigin, backlog.sends.indices.contains(number - known) else { return }
      node.reply(to: backlog.sends[number - known].request, type: "send_ok") { $0.field("offset", offset) }
    }
    let stored = logs.count(from: localOrigin) - known
    backlog.removeStored(segment, own: stored, logs: logs)
    noteAnswer(stored: stored, on: node)
    // After a start the last writer is the one to ask, until a segment comes from its writer.
    if !isReady, owner.slot < 0, node.cluster.indices.contains(segment.writer) {
      owner.index = segment.writer
    }
  }
}

// MARK: - Requests

extension Kafka {
  /// After how long without a segment a poll makes the node read the store.
  private static let staleAfter = Duration.seconds(1)

  /// Acknowledged when the record is stored.
  private func send(_ request: Message, on node: Node) throws(RPCError) {
    let record = KafkaBatch.Record(key: try request.string("key"), message: try request.raw("msg"))
    let client = request.source
    groupCommit.hear(client, at: node.now)
    backlog.add(.init(request: request, client: client, record: record, arrival: node.now))
    flushIfDue(on: node)
  }

  private func poll(_ request: Message, on node: Node) throws(RPCError) {
    let offsets = try checkedOffsets(request)
    for (key, offset) in offsets where offset > logs.end(of: key) {
      throw .preconditionFailed("the key \"\(key)\" ends at offset \(logs.end(of: key)), before \(offset)")
    }
    groupCommit.hear(request.source, at: node.now)
    node.reply(to: request, type: "poll_ok") { body in
      body.field("msgs") {
        $0.object { keys in
          for (key, offset) in offsets where offset < logs.end(of: key) {
            keys.field(key: key) { $0.array { logs.write(key, from: offset, to: &$0) } }
          }
        }
      }
    }
    if node.now - store.lastUpToDate > Self.staleAfter { store.catchUp(on: node) }
  }

  /// Acknowledged at once, and stored with the next segment.
  private func commitOffsets(_ request: Message, on node: Node) throws(RPCError) {
    let offsets = try checkedOffsets(request)
    for (key, offset) in offsets where offset >= logs.end(of: key) {
      throw .preconditionFailed("the key \"\(key)\" ends at offset \(logs.end(of: key)), before \(offset)")
    }
    for (key, offset) in offsets where offset > logs.committedOffset(of: key) ?? -1 {
      logs.commit(offset, of: key)
      backlog.add([key: offset], since: node.now)
    }
    node.reply(to: request, type: "commit_offsets_ok")
    flushIfDue(on: node)
  }

  private func listCommittedOffsets(_ request: Message, on node: Node) throws(RPCError) {
    let keys = try request.strings("keys")
    node.reply(to: request, type: "list_committed_offsets_ok") { body in
      body.field("offsets") {
        $0.object { offsets in
          for key in keys {
            if let offset = logs.committedOffset(of: key) { offsets.field(key: key, offset) }
          }
        }
      }
    }
  }

  /// The field `offsets`, which must hold offsets.
  private func checkedOffsets(_ request: Message) throws(RPCError) -> [(key: String, value: Int)] {
    var reader = try request.reader("offsets")
    let offsets: [(key: String, value: Int)]
    do throws(JSONError) {
      offsets = try reader.readIntegersByKey()
    } catch {
      throw .malformedRequest("the field \"offsets\" must map keys to offsets: \(error.reason)")
    }
    for (key, offset) in offsets where offset < 0 {
      throw .malformedRequest("the key \"\(key)\" has no offset \(offset)")
    }
    return offsets
  }
}
