import EddyTiming

/// Who answers, how fast, and whether this node itself was stalled.
///
/// Round trips are measured without synchronized clocks, as in RTCP (RFC 3550, section 6.4.1): a message
/// says which stamp of the receiver's the sender has (LSR), and for how long it has had it (DLSR).
struct FailureDetector {
  /// What is known of one peer.
  private struct Contact {
    /// The timeout before the first sample is short. To suspect a slow parent costs each node one message to
    /// each other; to wait for a second delays what is published in it by a second.
    var roundTrip = RoundTripEstimator(initialTimeout: .milliseconds(500))
    /// How late the peer's rounds are, if it is the parent.
    var lateness = LatenessEstimator()
    /// The stamp of the peer's latest message, and when that came.
    var latest: (stamp: Timestamp, at: Instant)?
    var lastHeard: Instant?
    /// When the latest message was sent of which the peer has proved that it came.
    var lastProved: Instant?
    /// When the peer was found not to answer; nil if it answers.
    var suspectedAt: Instant?
  }

  /// How many windows after its last round a parent is silent.
  private static let silenceInWindows = Ratio(3, 2)

  private let options: Gossip.Options
  private var contacts: [Contact]
  private var jitter = JitterEstimator()
  private var lastTick: Instant
  /// Whether that tick came late.
  private var wasLastTickLate = false

  init(peers count: Int, options: Gossip.Options, at now: Instant) {
    self.options = options
    contacts = Array(repeating: Contact(), count: count)
    lastTick = now
  }
}

// MARK: - Observations

extension FailureDetector {
  /// Whether a message is a copy, or left before another of the same incarnation that is here already.
  func isOvertaken(_ stamp: Timestamp, from peer: Int) -> Bool {
    contacts[peer].latest.map { stamp <= $0.stamp } ?? false
  }

  /// Takes note of a message.
  mutating func noteMessage(_ stamp: Timestamp, from peer: Int, at now: Instant) {
    contacts[peer].lastHeard = now
    if !isOvertaken(stamp, from: peer) { contacts[peer].latest = (stamp, now) }
  }

  /// Takes the peer's proof that a message of this incarnation came, and the round trip that it measures.
  mutating func noteEcho(_ echo: GossipMessage.Echo, from peer: Int, at now: Instant) {
    let sentAt = echo.stamp.instant
    let sample = now - sentAt - echo.held
    if let expected = contacts[peer].roundTrip.smoothed {
      jitter.add(max(sample - expected, expected - sample))
    }
    contacts[peer].roundTrip.add(sample)
    contacts[peer].lastProved = max(contacts[peer].lastProved ?? .zero, sentAt)
  }

  /// What to send a peer so that it can measure the round trip; nil if nothing was heard of it.
  func echo(to peer: Int, at now: Instant) -> GossipMessage.Echo? {
    contacts[peer].latest.map { .init(stamp: $0.stamp, held: now - $0.at) }
  }

  /// Learns how late a parent's round is.
  mutating func noteLateness(_ lateness: Duration, of peer: Int) { contacts[peer].lateness.add(lateness) }

  /// Notes that a parent was suspected and was only slow: latencies vary by more than was assumed.
  mutating func noteFalseSuspicion(of peer: Int) { jitter.add(timeout(of: peer)) }

  /// Forgets the stamps of a former incarnation of a peer, and what that one has proved.
  mutating func forgetStamps(of peer: Int) { (contacts[peer].latest, contacts[peer].lastProved) = (nil, nil) }
}

// MARK: - Latencies

extension FailureDetector {
  func lastHeard(_ peer: Int) -> Instant? { contacts[peer].lastHeard }

  /// The smoothed round trip to a peer; nil before the first sample.
  func roundTrip(of peer: Int) -> Duration? { contacts[peer].roundTrip.smoothed }

  /// How long a peer may take to answer.
  func timeout(of peer: Int) -> Duration { contacts[peer].roundTrip.timeout }

  /// How late a parent's round may be before the parent is asked for an answer.
  func tolerance(of peer: Int) -> Duration { contacts[peer].lateness.tolerance }

  /// Whether round trips hardly vary, so that what is late is lost; nil if nothing was measured.
  func isSteady(_ peer: Int) -> Bool {
    options.areRoundsRare && jitter.isLow(beside: contacts[peer].roundTrip)
  }
}

// MARK: - Suspicion

extension FailureDetector {
  /// Suspects a peer.
  ///
  /// - Parameter since: It is trusted again when it has had a message that was sent then or later.
  mutating func suspect(_ peer: Int, since: Instant) { contacts[peer].suspectedAt = since }

  mutating func trust(_ peer: Int) { contacts[peer].suspectedAt = nil }

  func isSuspected(_ peer: Int) -> Bool { contacts[peer].suspectedAt != nil }

  /// Whether a peer has proved to have a message that was sent at `sent` or later.
  func hasProved(_ peer: Int, sentSince sent: Instant) -> Bool {
    contacts[peer].lastProved.map { $0 >= sent } ?? false
  }

  /// Whether a peer has proved to have a message of that stamp or a later one; zero stands for none.
  func hasProved(_ peer: Int, _ stamp: Timestamp) -> Bool {
    contacts[peer].lastProved ?? .zero >= stamp.instant
  }

  /// Whether a peer is not suspected, or has answered something sent since.
  func isProved(_ peer: Int) -> Bool {
    contacts[peer].suspectedAt.map { hasProved(peer, sentSince: $0) } ?? true
  }

  /// Whether the rounds of a parent have stopped coming.
  func isSilent(_ parent: Int, at now: Instant) -> Bool {
    guard let heard = contacts[parent].lastHeard else { return false }
    let limit = options.window * Self.silenceInWindows + contacts[parent].roundTrip.retransmissionMargin
    return isSuspected(parent) || now - heard > limit
  }
}

// MARK: - Stalls

extension FailureDetector {
  /// Notes a tick. Returns whether it comes late: then this node was stalled, and reads what came in the
  /// meantime before it judges others.
  mutating func noteTick(at now: Instant) -> Bool {
    (wasLastTickLate, lastTick) = (isTickLate(at: now), now)
    return wasLastTickLate
  }

  private func isTickLate(at now: Instant) -> Bool { now - lastTick > options.tick + options.stallThreshold }

  /// Whether what comes in may have come during a stall: until a tick has come in time.
  func isCatchingUp(at now: Instant) -> Bool { wasLastTickLate || isTickLate(at: now) }
}
