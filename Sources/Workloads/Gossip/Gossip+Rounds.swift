import Node
import Timing

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
  func spread(on node: Node) {
    if parent == nil {
      scheduleRound(on: node)
    } else {
      scheduleBatch(on: node)
    }
  }

  // MARK: Down

  /// Starts a round: now, or when a window has passed since the last.
  private func scheduleRound(on node: Node) {
    guard roundTimer == nil, choosingSince == nil else { return }
    let due = lastRound.map { $0 + options.window } ?? node.now
    guard due > node.now else { return startRound(on: node) }
    roundTimer = node.after(due - node.now) {
      self.roundTimer = nil
      if self.parent == nil { self.startRound(on: $0) }
    }
  }

  func startRound(on node: Node) {
    sendRound(due: options.window, lead: .zero, on: node)
  }

  /// Passes the parent's round on. A node whose children had news for it answers them so.
  func passDown(_ round: GossipMessage.Round, on node: Node) {
    nextFromParent = node.now + round.due
    lead = round.lead
    cancelBatch(on: node)
    sendRound(due: round.due, lead: round.lead + batchLead, on: node)
  }

  private func sendRound(due: Duration, lead: Duration, on node: Node) {
    let witness = witness
    for child in children where lacksNews(child) || !links[child].owed.isEmpty {
      lastRound = node.now
      let round = GossipMessage.Round(number: links[child].takeRoundNumber(), due: due, lead: lead)
      send(to: child, on: node, round: round, wantsAnswer: child == witness)
    }
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
    return .init(number: links[child].takeRoundNumber(), due: next - now, lead: lead)
  }

  // MARK: Up

  /// How long before a round from the parent a batch must leave to be part of it: a round trip,
  /// and a margin for its variation. Coming a little too early costs a value that little; coming
  /// too late costs it a window.
  var batchLead: Duration {
    guard let parent, let roundTrip = links[parent].roundTrip.smoothed else { return .zero }
    return roundTrip + min(max(links[parent].roundTrip.variation, options.window / 20), options.window / 16)
  }

  /// Sends the parent what is new to it: just in time for its next round, or at once if none is
  /// expected.
  func scheduleBatch(on node: Node) {
    guard let parent, batchTimer == nil, choosingSince == nil, lacksNews(parent) else { return }
    // Until a round trip has been measured no time is known to be the right one.
    guard links[parent].roundTrip.smoothed != nil else { return sendBatch(on: node) }
    let guardTime = links[parent].roundTrip.guardTime
    guard let next = nextFromParent, node.now < next + guardTime else {
      // No round is expected but the one that answers the batch sent last.
      if answerDue == nil { sendBatch(on: node) }
      return
    }
    let slot = next - batchLead - lead
    // After the slot a batch would miss that round. It waits for the slot of the round after; or,
    // should none have come until well after it was due, for nothing.
    let due = node.now <= slot ? slot : max(node.now, min(slot + options.window, next + guardTime))
    batchTimer = node.after(due - node.now) {
      self.batchTimer = nil
      self.sendBatch(on: $0)
    }
  }

  /// - Parameter asChild: Whether the parent is new, and has to learn of its child and what it has.
  func sendBatch(on node: Node, asChild: Bool = false) {
    guard let parent, lacksNews(parent) || asChild else { return }
    let roundTrip = links[parent].roundTrip
    let answer = node.now + (roundTrip.smoothed ?? roundTrip.timeout) + lead
    answerDue = max(answer, nextFromParent ?? .zero) + roundTrip.guardTime
    // Where no round is expected the parent is asked for an answer at once. It tells when the
    // next is due, if others have just had one, and it measures the round trip.
    let expectsRound = nextFromParent.map { node.now < $0 } ?? false
    let isUnsure = !expectsRound || roundTrip.smoothed == nil
    send(to: parent, on: node, complete: asChild, wantsAnswer: asChild || isUnsure)
  }

  func cancelBatch(on node: Node) {
    if let timer = batchTimer { node.cancel(timer) }
    batchTimer = nil
  }

  /// Looks whether the parent has answered the batch sent last.
  ///
  /// A batch that came too late for a round is answered by the next. A parent that goes on
  /// without answering for longer does not hear this node: its silence is one-way.
  func settleAnswer(afterRound: Bool, on node: Node) {
    guard let parent else { return }
    if let since = links[parent].unacknowledgedSince {
      if afterRound, answerDue != nil { answerDue = since + links[parent].roundTrip.timeout + options.window }
    } else if links[parent].lastProved ?? .zero >= Instant(nanoseconds: adoptedAt * 1000) {
      answerDue = nil
    }
    scheduleBatch(on: node)
  }
}
