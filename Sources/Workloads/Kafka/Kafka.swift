public import EddyNode
import EddyTiming

/// Maelstrom's `kafka`: append-only logs, each record of a key at the next offset, none ever lost.
///
/// **The log of segments.** All that is acknowledged is in lin-kv, in segments numbered from 0. A slot
/// is written once: by a compare-and-set that succeeds only while its key does not exist, so of two
/// nodes that write to it one fails and reads what the other wrote. The segments in their order are
/// the truth, and every node derives the same logs from them: a record's offset is the number of its
/// key's records before it. There are no gaps, and nothing can come before what was once read. Segments
/// never change, so each node keeps those it knows and serves polls from memory.
///
/// **Once only.** Every node numbers the records that it is sent. A record counts where it comes first,
/// and only after those of lower numbers. So a node may offer its records again to whom it likes, and
/// requests may be lost, late or doubled: at worst a segment says again what another has said.
///
/// **The owner.** Were every node to write, they would get in each other's way. So one writes for all:
/// the node whose segment was heard of last, at first the first node. The others send it what they have
/// gathered (`append`); it writes that in one segment, and once that is stored sends it to all, which
/// acknowledges, replicates and confirms the owner in one. A batch is sent when all clients heard from
/// of late wait in it, or when its first record has waited for the window.
///
/// **Take-over.** Ownership is a hint that saves writes; no promise rests on it. A node that does not
/// hear of its records in time looks into lin-kv, and if they are not there writes them itself. What
/// the owner was about to write then goes to a slot that is taken: it is fenced off, reads what it
/// missed, and goes on behind. When both are heard again, everyone follows the one who wrote last.
///
/// **Catching up** means to read lin-kv from the first unknown slot to the first empty one: after a
/// start before anything else, whenever a gap does not close, and when clients poll but nothing has
/// been heard for a second. An idle cluster is silent.
///
/// Committed offsets never fall. They are acknowledged at once and stored with the next segment, after a
/// second at the latest; if the node is killed before, clients will read some records again.
///
/// (Balakrishnan et al., "CORFU: A Shared Log Design for Flash Clusters", 2012, has the log of
/// write-once slots; Kafka's idempotent producers have the numbers.)
public final class Kafka: Handler {
  public struct Options: Sendable {
    /// How long a record waits at most for others to share a write with.
    public var window: Duration

    public init(window: Duration = .milliseconds(50)) { self.window = window }
  }

  /// What the owner has been asked to write.
  struct Appended {
    /// The number after the last record.
    var end: Int
    /// When it was asked, or last wrote some of it.
    var since: Instant
    /// Whether it was asked once: only then the time to its answer is a measurement (Karn's rule).
    var isMeasured = true
    var timer: TimerID
  }

  let options: Options
  var own = Origin(node: 0, incarnation: 0)
  var logs = KafkaLogs()

  let store = SegmentStore()
  var backlog = KafkaBacklog()
  var groupCommit: GroupCommit

  /// Who writes, as far as this node knows.
  var owner = 0
  /// The highest slot that this node wrote or heard of from its writer.
  var ownerSlot = -1
  var isWriting = false
  /// Set as long as the owner has not written all that it was asked to.
  var appended: Appended?
  var answers = RoundTripEstimator()
  var flushTimer: TimerID?

  /// Requests that wait for the node to catch up after its start; nil from then on.
  private var earlyRequests: [Message]? = []

  /// Whether this node has caught up since its start.
  var isReady: Bool { earlyRequests == nil }

  public init(_ options: Options = Options()) {
    self.options = options
    groupCommit = GroupCommit(memory: options.window * 4)
    store.deliver = { [unowned self] in apply($0, on: $1) }
    store.settled = { [unowned self] in flushIfDue(on: $0) }
  }

  public func start(on node: Node) {
    own = Origin(node: node.index, incarnation: node.random.below(1 << 31))
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
    let known = logs.count(from: own)
    logs.apply(segment) { origin, number, offset in
      // Somebody else may have drawn the same incarnation, however unlikely that is.
      guard origin == own, backlog.sends.indices.contains(number - known) else { return }
      node.reply(to: backlog.sends[number - known].request, type: "send_ok") { $0.field("offset", offset) }
    }
    let stored = logs.count(from: own) - known
    backlog.settle(segment, own: stored, logs: logs)
    noteAnswer(stored: stored, on: node)
    // The last one who wrote is the one to ask after a start, as long as nobody has been heard.
    if !isReady, ownerSlot < 0, node.cluster.indices.contains(segment.writer) { owner = segment.writer }
  }
}

// MARK: - Requests

extension Kafka {
  /// After how long without news a poll makes the node look for some.
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
    if node.now - store.lastNews > Self.staleAfter { store.catchUp(on: node) }
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
  private func checkedOffsets(_ request: Message) throws(RPCError) -> [(key: String, offset: Int)] {
    var reader = try request.reader("offsets")
    var offsets: [(key: String, offset: Int)] = []
    do throws(JSONError) {
      try reader.beginObject()
      while let key = try reader.nextKey() { offsets.append((key, try reader.readInt())) }
    } catch {
      throw .malformedRequest("the field \"offsets\" must map keys to offsets: \(error.reason)")
    }
    for (key, offset) in offsets where offset < 0 {
      throw .malformedRequest("the key \"\(key)\" has no offset \(offset)")
    }
    return offsets
  }
}
