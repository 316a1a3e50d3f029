import EddyNode
import EddyTiming

/// What waits to be stored: records that this node was sent, batches that others have forwarded, and
/// committed offsets.
struct KafkaBacklog {
  /// A send that is answered when its record is stored.
  struct Send {
    var request: Message
    var client: String
    var record: KafkaBatch.Record
    var arrival: Instant
  }

  /// This node's own records, in the order of their numbers.
  private(set) var sends: [Send] = []
  /// The batches that other nodes have forwarded, one for each origin, with the time it came.
  private(set) var forwarded: [(batch: KafkaBatch, arrival: Instant)] = []
  private(set) var commits: [String: Int] = [:]
  /// Since when there are committed offsets.
  private(set) var oldestCommit: Instant?

  mutating func add(_ send: Send) { sends.append(send) }

  /// Adds a batch that another node has forwarded. It has all that its origin lacks, so one that goes further
  /// replaces the one before.
  mutating func addForwarded(_ batch: KafkaBatch, at now: Instant) {
    if let index = forwarded.firstIndex(where: { $0.batch.origin == batch.origin }) {
      if batch.end > forwarded[index].batch.end { forwarded[index].batch = batch }
    } else {
      forwarded.append((batch, now))
    }
  }

  mutating func add(_ offsets: [String: Int], since arrival: Instant) {
    guard !offsets.isEmpty else { return }
    commits.merge(offsets, uniquingKeysWith: max)
    oldestCommit = min(oldestCommit ?? arrival, arrival)
  }

  /// Removes what a segment has stored: `count` of this node's own records, and whatever else it holds.
  mutating func removeStored(_ segment: KafkaSegment, own count: Int, logs: KafkaLogs) {
    sends.removeFirst(min(count, sends.count))
    // A batch that was written and did not count will not count next time: it begins behind a gap.
    forwarded.removeAll { batch, _ in
      batch.end <= logs.count(from: batch.origin)
        || segment.batches.contains { $0.origin == batch.origin && $0.end >= batch.end }
    }
    commits = commits.filter { key, offset in offset > segment.commits[key] ?? -1 }
    if commits.isEmpty { oldestCommit = nil }
  }
}
