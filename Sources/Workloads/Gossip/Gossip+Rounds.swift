import EddyNode
import EddyTiming

/// When batches go up and rounds go down.
extension Gossip {
  /// The nodes that rounds are passed down to.
  ///
  /// Those who named this node as their parent; and, below a node that took over, all whose
  /// parent is suspected here and who have not said that they found another.
  var children: [Int] {
    links.indices.filter { peer in
      guard peer != me, peer != parent else { return false }
      if links[peer].parent == me { return true }
      guard parent == nil, let other = links[peer].parent, other != me else { return false }
      return links[other].suspectedAt != nil
    }
  }

  /// Sees to it that what is new here gets to whom it is new to.
  ///
  /// What is urgent goes before its time, but not more often than once a tick.
  func spread(on node: Node) {
    guard choosingSince == nil else { return }
    if let parent {
      passDownDue = passDownDue ?? node.now + options.patience
      hasUrgentNews = hasUrgentNews && lacksNews(parent)
      guard hasUrgentNews else { return scheduleBatch(on: node) }
      scheduleBatch(at: soon(after: links[parent].lastSent, on: node), on: node)
    } else {
      scheduleRound(on: node)
    }
  }

  /// When urgent news go, after the `latest` message that could have taken them.
  private func soon(after latest: Instant?, on node: Node) -> Instant {
    max(node.now + options.gathering, (latest ?? .zero) + options.tick)
  }

  // MARK: Down

  /// Starts a round: now, or when a window has passed since the last.
  private func scheduleRound(on node: Node) {
    var due = lastRound.map { $0 + options.window } ?? node.now
    if hasUrgentNews { due = min(due, soon(after: lastBeat, on: node)) }
    if let timer = roundTimer, timer.due <= due { return }
    disarm(\.roundTimer, on: node)
    guard due > node.now else { return startRound(on: node) }
    arm(\.roundTimer, at: due, on: node) { [unowned self] in if parent == nil { startRound(on: $0) } }
  }

  func startRound(on node: Node) {
    let next = lastRound.map { $0 + options.window } ?? node.now
    let isDue = next <= node.now
    // A round before its time does not put off the next, for which batches are waiting.
    if isDue { steadyRounds = node.now - next < options.window / 2 ? steadyRounds + 1 : 0 }
    let isPromising = isDue ? keepsBeat : hasPromised
    let due = isDue ? options.window : next - node.now
    hasUrgentNews = false
    guard sendRound(due: due, lead: .zero, isPromising: isPromising, on: node) else { return }
    lastBeat = node.now
    if isDue { lastRound = node.now }
    if hasPromised { scheduleRound(on: node) }
  }

  /// Whether rounds have come on end, and this one has something to say: the last of them, which has
  /// not, is the one that promises no other.
  private var keepsBeat: Bool {
    areRoundsRare && steadyRounds >= options.steadiness && children.contains { waitsForRound($0) }
  }

  /// Whether a round that fails to come is worth a message: where one follows the other faster than
  /// anybody looks for silence, the next makes up for it.
  private var areRoundsRare: Bool { options.window >= options.tick }

  private func waitsForRound(_ child: Int) -> Bool { lacksNews(child) || !links[child].owed.isEmpty }

  /// Passes the parent's round on. A node whose children had news for it answers them so.
  func passDown(_ round: GossipMessage.Round, on node: Node) {
    noteLateness(at: node.now)
    if let parent { acknowledged = (links[parent].acknowledged, acknowledged.byLastRound) }
    let hasMissedSlot = batchMisses(roundBefore: node.now + round.due)
    nextFromParent = node.now + round.due
    lead = round.lead
    disarm(\.batchTimer, on: node)
    // One that keeps a promise and has nothing to say would go round for ever among nodes that have
    // taken each other for parents in a circle: it has to be later news of the root.
    hasPromised = hasPromised && route.isLater(than: passedRoute)
    passedRoute = route
    passDownDue = nil
    sendRound(due: round.due, lead: round.lead + batchLead, isPromising: round.isPromising, on: node)
    if hasMissedSlot { sendBatch(on: node) }
  }

  /// Sends the children what came otherwise than with a round that was passed down: in an answer, or with a
  /// round that was overtaken by the next. Where traffic is sparse no round may follow.
  func passDownOverdue(on node: Node) {
    guard let due = passDownDue, due <= node.now else { return }
    passDownDue = nil
    for child in children where lacksNews(child) { send(to: child, on: node) }
  }

  /// Whether a batch still waits for the slot of the round that is here. By a clock that is slow, or
  /// with timers that are late, it would do so every time, and never leave.
  private func batchMisses(roundBefore next: Instant) -> Bool {
    guard let batchTimer, let expected = nextFromParent else { return false }
    return batchTimer.due < expected && next > expected + options.window / 2
  }

  /// Learns from a round how punctual its parent is.
  private func noteLateness(at now: Instant) {
    guard let parent, let expected = nextFromParent, now - expected < options.window / 2 else { return }
    // Where no answer is awaited it was perhaps only idle.
    if answerTimer != nil { links[parent].lateness.add(now - expected) }
  }

  /// Returns whether there was anybody to send it to.
  @discardableResult
  private func sendRound(due: Duration, lead: Duration, isPromising: Bool, on node: Node) -> Bool {
    let witness = witness
    let receivers = children.filter { hasPromised || waitsForRound($0) }
    // No news will take the acknowledgements of the last ones along.
    let isLast = hasPromised && !isPromising
    hasPromised = isPromising
    for child in receivers {
      let round = GossipMessage.Round(
        number: links[child].takeRoundNumber(), due: due, lead: lead, isPromising: isPromising)
      send(to: child, on: node, round: round, wantsAnswer: child == witness || isLast)
    }
    return !receivers.isEmpty
  }

  /// The child that is asked to say at once that it has what this node published: the one heard of
  /// last, which is the likeliest to answer; nil if nobody waits for that.
  private var witness: Int? {
    guard replicated != nil, replicatedCount < publishedCount else { return nil }
    return children.max { links[$0].lastHeard ?? .zero < links[$1].lastHeard ?? .zero }
  }

  /// What a child that comes in between two rounds has to know of the next; nil if none is due.
  func roundUnderWay(for child: Int, at now: Instant) -> GossipMessage.Round? {
    let next = parent == nil ? lastRound.map { $0 + options.window } : nextFromParent
    guard let next, next > now, children.contains(child) else { return nil }
    let lead = parent == nil ? .zero : lead + batchLead
    return .init(
      number: links[child].takeRoundNumber(), due: next - now, lead: lead, isPromising: hasPromised)
  }

  // MARK: Up

  /// How long before a round from the parent a batch must leave to be part of it: a round trip, and a
  /// margin, for processes get their turn late now and then. Coming a little too early costs a value
  /// that little; coming too late costs it a window.
  var batchLead: Duration {
    guard let parent, let roundTrip = links[parent].roundTrip.smoothed else { return .zero }
    return roundTrip + min(options.window / 16, options.margin)
  }

  /// Sends the parent what is new to it: just in time for its next round, or at once if none is
  /// expected.
  func scheduleBatch(on node: Node) {
    guard let parent, batchTimer == nil, choosingSince == nil, lacksNews(parent) else { return }
    // Until a round trip has been measured no time is known to be the right one.
    guard links[parent].roundTrip.smoothed != nil else { return sendBatch(on: node) }
    let guardTime = links[parent].lateness.tolerance
    guard let next = nextFromParent, node.now < next + guardTime else {
      // No round is expected but the one that answers the batch sent last.
      if answerTimer == nil { sendBatch(on: node) }
      return
    }
    let slot = next - batchLead - lead
    // After the slot a batch would miss that round. It waits for the slot of the round after; or,
    // should none have come until well after it was due, for nothing.
    scheduleBatch(
      at: node.now <= slot ? slot : max(node.now, min(slot + options.window, next + guardTime)), on: node)
  }

  private func scheduleBatch(at due: Instant, on node: Node) {
    if let timer = batchTimer, timer.due <= due { return }
    arm(\.batchTimer, at: due, on: node) { [unowned self] in sendBatch(on: $0) }
  }

  /// - Parameter asChild: Whether the parent is new, and has to learn of its child and what it has.
  func sendBatch(on node: Node, asChild: Bool = false) {
    guard let parent, lacksNews(parent) || asChild else { return }
    if awaitedRoot == nil, lacksNews(parent) { awaitedRoot = AwaitedRoot(route: route, since: node.now) }
    let roundTrip = links[parent].roundTrip
    // Where no round is expected the parent is asked for an answer at once. It tells when the
    // next is due, if others have just had one, and it measures the round trip.
    guard !asChild, let smoothed = roundTrip.smoothed, let next = nextFromParent, node.now < next else {
      return ask(parent, complete: asChild, patience: roundTrip.timeout, on: node)
    }
    send(to: parent, on: node)
    if answerTimer == nil {
      let due = max(node.now + smoothed + lead, next) + links[parent].lateness.tolerance
      expectAnswer(by: due, on: node)
    }
  }

  /// Sends the parent what it may lack, and asks for an answer at once, which is awaited for `patience`.
  /// Asking again gives it no more time.
  private func ask(_ parent: Int, complete: Bool, patience: Duration, on node: Node) {
    send(to: parent, on: node, complete: complete, wantsAnswer: true)
    guard answerTimer == nil || askedAt == nil else { return }
    expectAnswer(by: node.now + patience, askedAt: lastStamp, on: node)
  }

  // MARK: The parent's answer

  private func expectAnswer(by due: Instant, askedAt stamp: Int? = nil, on node: Node) {
    askedAt = stamp
    arm(\.answerTimer, at: due, afterInput: true, on: node) { [unowned self] in answerIsOverdue(on: $0) }
  }

  /// Asks a parent that is late, and gives up one that does not answer when asked.
  private func answerIsOverdue(on node: Node) {
    guard let parent else { return }
    if let askedAt { return suspectParent(silentSince: Instant(nanoseconds: askedAt * 1000), on: node) }
    let roundTrip = links[parent].roundTrip
    // Where latencies hardly vary, a round that has not come is lost, and so is most likely the parent.
    // The news cannot wait for a round trip to be sure: the question is for one that lost this round only.
    let hasMissedRound = nextFromParent.map { $0 < node.now } ?? false
    links[parent].rewind()
    // By chance rounds come late all the time where latencies vary.
    if roundTrip.smoothed == nil || isSteady(roundTrip) { hasUrgentNews = lacksNews(parent) }
    ask(
      parent, complete: false,
      patience: hasMissedRound && isSteady(roundTrip) ? options.grace : roundTrip.timeout,
      on: node)
  }

  /// Whether a peer has had a message of this stamp, or a later one.
  private func hasProved(_ peer: Int, _ stamp: Int) -> Bool {
    links[peer].lastProved ?? .zero >= Instant(nanoseconds: stamp * 1000)
  }

  /// Looks whether the parent has answered the batch sent last.
  ///
  /// A batch that came too late for a round is answered by the next. A parent that goes on
  /// without answering for longer does not hear this node: its silence is one-way.
  func settleAnswer(afterRound: Bool, on node: Node) {
    guard let parent else { return }
    if let since = links[parent].unacknowledgedSince {
      let isAnswered = askedAt.map { hasProved(parent, $0) } ?? false
      if answerTimer != nil, isAnswered || afterRound {
        let due = dueAnswer(of: parent, toBatchSent: since, at: node.now)
        expectAnswer(by: max(due, node.now + options.tick), askedAt: isAnswered ? nil : askedAt, on: node)
      }
    } else if hasProved(parent, adoptedAt) {
      disarm(\.answerTimer, on: node)
      if afterRound, hasPromised, let next = nextFromParent {
        expectAnswer(by: next + links[parent].lateness.tolerance, on: node)
      }
    }
    scheduleBatch(on: node)
  }

  /// Whether what is late is lost.
  private func isSteady(_ roundTrip: RoundTripEstimator) -> Bool {
    areRoundsRare && jitter.isLow(beside: roundTrip)
  }

  /// When to ask a parent that has not acknowledged a batch by the round that came just now.
  private func dueAnswer(of parent: Int, toBatchSent since: Instant, at now: Instant) -> Instant {
    let roundTrip = links[parent].roundTrip
    // It is heard, but has never answered: what it was sent was lost, most likely.
    guard roundTrip.smoothed != nil else { return max(now, since + roundTrip.timeout) }
    guard isSteady(roundTrip), let smoothed = roundTrip.smoothed, let next = nextFromParent else {
      return since + roundTrip.timeout + options.window
    }
    // Where latencies hardly vary a batch that is not acknowledged a round trip later is lost.
    return since + smoothed < now ? now : next + links[parent].lateness.tolerance
  }
}
