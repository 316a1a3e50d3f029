import EddyNode
import EddyTiming

/// What waits to be stored: records that this node was sent, records that others ask it to write, and
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
  /// What other nodes want written, one batch for each origin, with the time it came.
  private(set) var offers: [(batch: KafkaBatch, arrival: Instant)] = []
  private(set) var commits: [String: Int] = [:]
  /// Since when there are committed offsets.
  private(set) var oldestCommit: Instant?

  mutating func add(_ send: Send) { sends.append(send) }

  /// Adds what another node wants written. A batch has all that its origin lacks, so one that goes
  /// further makes the one before needless.
  mutating func offer(_ batch: KafkaBatch, at now: Instant) {
    if let place = offers.firstIndex(where: { $0.batch.origin == batch.origin }) {
      if batch.end > offers[place].batch.end { offers[place].batch = batch }
    } else {
      offers.append((batch, now))
    }
  }

  mutating func add(_ offsets: [String: Int], since arrival: Instant) {
    guard !offsets.isEmpty else { return }
    commits.merge(offsets, uniquingKeysWith: max)
    oldestCommit = min(oldestCommit ?? arrival, arrival)
  }

  /// Forgets what a segment has stored: that many of its own records, and whatever else it holds.
  mutating func settle(_ segment: KafkaSegment, own count: Int, logs: KafkaLogs) {
    sends.removeFirst(min(count, sends.count))
    // What was written and did not count will not count next time: it begins beyond what its origin has.
    offers.removeAll { offer, _ in
      offer.end <= logs.count(from: offer.origin)
        || segment.batches.contains { $0.origin == offer.origin && $0.end >= offer.end }
    }
    commits = commits.filter { key, offset in offset > segment.commits[key] ?? -1 }
    if commits.isEmpty { oldestCommit = nil }
  }
}
