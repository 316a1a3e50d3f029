import Timing

/// Who has been heard from of late, to tell whether it is worth waiting for more.
///
/// Waiting for a batch to grow pays only as long as somebody might add to it. A client that waits for
/// its reply will not, so when everybody does the batch is complete.
struct Crowd {
  /// For how long somebody who says nothing is counted in.
  let memory: Duration
  private var lastHeard: [String: Instant] = [:]

  init(memory: Duration) { self.memory = memory }

  mutating func hear(_ name: String, at now: Instant) { lastHeard[name] = now }

  /// Whether nobody is left to wait for. O(crowd).
  mutating func isComplete(waiting: Set<String>, at now: Instant) -> Bool {
    lastHeard = lastHeard.filter { now - $0.value <= memory }
    return lastHeard.keys.allSatisfy(waiting.contains)
  }
}
