import EddyTiming

/// Tells when a batch of requests is complete: when every client that was heard of lately waits in it.
///
/// Group commit stores many requests in one write. Waiting for the batch to grow pays only as long as
/// somebody might add to it, and a client that waits for its reply will not.
///
/// Memory is bounded whatever the number of clients. A name that was not heard of for ``memory`` is forgotten.
/// If that leaves too many, all are forgotten, and no batch is complete for ``memory``: a batch may then wait
/// for its deadline, and is never sent too early.
struct GroupCommit {
  /// How many names are known at most.
  static let capacity = 4096

  /// For how long a silent client is expected to ask for something.
  let memory: Duration
  private var lastHeard: [String: Instant] = [:]
  /// When all names were forgotten.
  private var lastOverflow: Instant?
  /// How many names there may be before old ones are looked for again.
  private var pruningThreshold = 64

  init(memory: Duration) { self.memory = memory }

  /// How many names are known, for tests.
  var count: Int { lastHeard.count }

  /// Notes a client, which may ask for something soon. O(1) amortized.
  mutating func hear(_ name: String, at now: Instant) {
    lastHeard[name] = now
    guard lastHeard.count > pruningThreshold else { return }
    prune(at: now)
    if lastHeard.count > Self.capacity / 2 {
      lastHeard = [:]
      lastOverflow = now
    }
    // Twice what is left, so that pruning costs each name a constant.
    pruningThreshold = max(64, 2 * lastHeard.count)
  }

  /// Whether `isWaiting` holds of all clients that were heard of lately. O(names).
  mutating func isComplete(at now: Instant, _ isWaiting: (String) -> Bool) -> Bool {
    if let lastOverflow, now - lastOverflow <= memory { return false }
    lastOverflow = nil
    // Any order: only whether one is awaited. Nothing is pruned, as every request asks.
    return lastHeard.allSatisfy { name, heard in now - heard > memory || isWaiting(name) }
  }

  /// Whether all clients that were heard of lately are in `waiting`. O(names).
  mutating func isComplete(waiting: Set<String>, at now: Instant) -> Bool {
    isComplete(at: now, waiting.contains)
  }

  private mutating func prune(at now: Instant) { lastHeard = lastHeard.filter { now - $0.value <= memory } }
}
