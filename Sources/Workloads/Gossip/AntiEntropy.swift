import EddyTiming

/// Compares what one peer has with what is here: when to pull the difference.
///
/// Scuttlebutt reconciliation (van Renesse et al., "Efficient reconciliation and flow control for
/// anti-entropy protocols", 2008): whatever a peer is known to have and this node lacks is pulled until it
/// comes, from this peer or another.
struct AntiEntropy {
  /// When to ask for what the peer has and this node lacks; nil if it lacks nothing.
  private(set) var pullAt: Instant?
  private var backoff = Backoff()
  /// When the peer was last asked outside that schedule.
  private var lastAsked: Instant?

  /// Whether a tick has to look at the peer.
  var isPending: Bool { pullAt != nil }

  /// Compares what is here with what the peer has. What is missing is most often on its way: it is pulled
  /// if it has not come by `due`.
  mutating func compare(local: VersionVector, remote: VersionVector, pullAt due: Instant) {
    if local.covers(remote) { reset() } else if pullAt == nil { pullAt = due }
  }

  /// Notes that the peer is asked now, and is asked again if it does not answer: after `timeout`, then at
  /// growing intervals, `longest` at most.
  mutating func notePull(at now: Instant, timeout: Duration, longest: Duration) {
    pullAt = now + backoff.next(timeout: timeout, longest: max(longest, timeout))
  }

  /// Forgets the difference.
  mutating func reset() {
    pullAt = nil
    backoff.reset()
  }

  /// Whether the peer may be asked at once, which is not more than once an `interval`; notes that it is.
  mutating func mayAsk(at now: Instant, interval: Duration) -> Bool {
    if let lastAsked, now - lastAsked < interval { return false }
    lastAsked = now
    return true
  }
}
