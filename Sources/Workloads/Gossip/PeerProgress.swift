import EddyTiming

/// How far one peer is: what it has, what it was sent, and what it is owed. From this follows what to send.
///
/// Invariant 2: ``sent`` covers ``acknowledged``.
struct PeerProgress {
  /// What a peer can ask for.
  enum Request {
    /// The entries that it was not sent yet.
    case entries
    /// These, and how much of every origin is here.
    case everything
  }

  /// How long an acknowledgement may take: what the peer may wait for something to carry it, and the time
  /// on the way.
  struct Allowance {
    var acknowledgementDelay: Duration
    var timeout: Duration
  }

  /// What the peer has said that it has.
  private(set) var acknowledged = VersionVector()
  /// What it was sent, or is assumed to have got from others. It is not sent again, unless it is not
  /// acknowledged in time.
  private(set) var sent = VersionVector()

  /// The origins of entries that the peer sent and that were not acknowledged to it.
  private(set) var owed: Set<Int> = []
  /// When the oldest of these entries came.
  private(set) var owedSince: Instant?
  /// What the peer has asked for; nil if it has been answered.
  private(set) var request: Request?

  /// When the oldest entries were sent that it has not acknowledged; nil if there are none.
  private(set) var unacknowledgedSince: Instant?
  /// When to send again what it has not acknowledged.
  private(set) var retryAt: Instant?
  private var backoff = Backoff()
  /// When anything was last sent to it.
  private(set) var lastSent: Instant?

  /// Whether a tick has to look at the peer: it owes an answer, or is owed one.
  var isPending: Bool { retryAt != nil || owedSince != nil || request != nil }
}

// MARK: - What to send

extension PeerProgress {
  /// Whether the peer was not sent all that `log` offers. O(origins).
  func lacksEntries(of log: ReplicatedLog) -> Bool { !sent.covers(log.offered) }

  /// Whether a round has something for the peer: entries or acknowledgements.
  func waitsForRound(with log: ReplicatedLog) -> Bool { lacksEntries(of: log) || !owed.isEmpty }

  /// What the peer lacks of `log`. O(origins + entries).
  ///
  /// A run of forgotten entries goes together with all that supersedes them, even if that was sent and may
  /// be lost. Otherwise a receiver would acknowledge entries without having what supersedes them.
  func entries(of log: ReplicatedLog) -> [ReplicatedLog.Run] {
    let unsent = log.runs(beyond: sent)
    return unsent.contains(where: \.isForgotten) ? log.runs(beyond: acknowledged) : unsent
  }

  /// Notes that a message was sent just now.
  mutating func noteSent(at now: Instant) { lastSent = now }

  /// Notes that everything up to `versions` was sent just now.
  mutating func noteSent(_ versions: VersionVector, at now: Instant, _ allowance: Allowance) {
    sent.merge(versions)
    awaitAcknowledgement(since: now, allowance)
  }

  /// Assumes that the peer gets from others what these have delivered, until it says itself what it has.
  mutating func assumeDelivered(_ versions: VersionVector, since now: Instant, _ allowance: Allowance) {
    guard !sent.covers(versions) else { return }
    sent.merge(versions)
    awaitAcknowledgement(since: now, allowance)
  }

  /// The peer may delay its acknowledgement after the last entries, and for twice as long after the first.
  private mutating func awaitAcknowledgement(since now: Instant, _ allowance: Allowance) {
    let oldest = unacknowledgedSince ?? now
    let delay = allowance.acknowledgementDelay
    unacknowledgedSince = oldest
    retryAt = min(now + delay, oldest + delay * 2) + allowance.timeout
  }
}

// MARK: - What the peer has

extension PeerProgress {
  /// Notes that the peer has the first `count` entries of `origin`.
  mutating func noteHas(_ origin: Int, _ count: Int) {
    acknowledged.raise(origin, to: count)
    sent.raise(origin, to: count)
  }

  /// Notes that the peer has `versions` and nothing else, whatever it was assumed to have.
  mutating func noteHas(exactly versions: VersionVector) {
    acknowledged = versions
    resetToAcknowledged()
  }

  /// Notes that something was acknowledged. If something else was not, the wait for that begins when the
  /// latest message was sent.
  mutating func noteAcknowledgement() {
    if acknowledged.covers(sent) {
      cancelRetransmission()
    } else if unacknowledgedSince != nil {
      unacknowledgedSince = lastSent
    }
  }

  /// Takes everything that is not acknowledged for lost, and waits for nothing until it is sent again.
  mutating func resetToAcknowledged() {
    sent = acknowledged
    unacknowledgedSince = nil
    retryAt = nil
  }

  /// Waits for no acknowledgement any more.
  mutating func cancelRetransmission() {
    unacknowledgedSince = nil
    retryAt = nil
    backoff.reset()
  }

  /// Notes that everything was sent again, at growing intervals.
  mutating func noteRetry(at now: Instant, timeout: Duration, longest: Duration) {
    retryAt = now + backoff.next(timeout: timeout, longest: longest)
  }

  /// Notes that an origin's local index is given to another origin.
  mutating func reset(_ origin: Int) {
    acknowledged.reset(origin)
    sent.reset(origin)
  }

  /// Forgets what a former incarnation of the peer had, said or asked.
  mutating func reset() {
    acknowledged = VersionVector()
    sent = VersionVector()
    clearOwedAcknowledgements()
    cancelRetransmission()
  }
}

// MARK: - What the peer is owed

extension PeerProgress {
  /// Notes that entries of `origin` came, which the peer expects to be acknowledged.
  mutating func noteOwedAcknowledgement(of origin: Int, since now: Instant) {
    owed.insert(origin)
    owedSince = owedSince ?? now
  }

  /// Notes that the peer has asked for a reply. Returns whether it asks for more than before.
  mutating func noteRequest(forEverything: Bool) -> Bool {
    let asked: Request = forEverything || request == .everything ? .everything : .entries
    defer { request = asked }
    return request != asked
  }

  /// Notes that all acknowledgements were sent, and thereby a reply.
  mutating func clearOwedAcknowledgements() {
    request = nil
    owed.removeAll(keepingCapacity: true)
    owedSince = nil
  }

  /// Whether an acknowledgement that nothing has carried goes alone: when the peer has been silent for
  /// `delay`, or, if it goes on sending, after twice as long.
  func isAcknowledgementDue(lastHeard: Instant?, after delay: Duration, at now: Instant) -> Bool {
    guard let since = owedSince else { return false }
    return now - (lastHeard ?? since) >= delay || now - since >= delay * 2
  }
}
