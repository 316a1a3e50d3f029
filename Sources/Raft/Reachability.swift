import EddyTiming

/// Which nodes this one reaches, and which reach it, when not all pairs of nodes can talk to each other in both
/// directions.
///
/// A node that misses another says so in its messages, and sends them by way of others, too. Whoever is told that it is
/// missed does the same, until it is told by which node its messages come: then it sends them by way of that one. A
/// message goes by way of one node at most. If each node hears a majority, and a majority hears it, that is enough to
/// join any two. As long as all messages get through nothing is relayed.
///
/// Nothing of safety rests on it: to the rest of the engine a relayed message is one that has taken long.
struct Reachability {
  /// When each node was last heard without another in between.
  private var direct: [Instant?]
  /// When each node was last heard by way of another, and of which.
  private var relayed: [(time: Instant, relay: Int)?]
  /// What each node has last said of how it hears this one, and when; nil if it hears it.
  private var complaints: [(time: Instant, hearing: RaftMessage.Hearing)?]
  /// When each node that hears this one by way of another was last sent something directly.
  private var lastProbe: [Instant?]

  /// For how long it counts what a node has said, and that it was heard by way of another.
  private static let memory = Duration.seconds(2)
  /// How long a node that is heard by way of another may be silent directly. It is more than a probe interval.
  private static let directMemory = Duration.milliseconds(1000)
  /// By way of how many nodes a message is sent if it is not known which of them reach its receiver.
  private static let relayLimit = 3

  init(count: Int) {
    direct = Array(repeating: nil, count: count)
    relayed = Array(repeating: nil, count: count)
    complaints = Array(repeating: nil, count: count)
    lastProbe = Array(repeating: nil, count: count)
  }

  /// Notes a message of `node`, which has come by way of `relay`, or directly.
  mutating func hear(_ node: Int, by relay: Int?, says hearing: RaftMessage.Hearing?, at now: Instant) {
    if let relay { relayed[node] = (now, relay) } else { direct[node] = now }
    complaints[node] = hearing.map { (now, $0) }
  }

  /// When a node was last heard.
  func lastHeard(_ node: Int) -> Instant? {
    direct[node].map { max($0, relayed[node]?.time ?? $0) } ?? relayed[node]?.time
  }

  /// What a message to `node` says of how that node is heard; nil if there is nothing to say.
  func hearing(of node: Int, isMissed: Bool, at now: Instant) -> RaftMessage.Hearing? {
    if let (time, relay) = relayed[node], now - time <= Self.memory,
      direct[node].map({ now - $0 > Self.directMemory }) ?? true
    {
      return .through(relay)
    }
    return isMissed ? .nothing : nil
  }

  /// By way of which nodes a message to `node` goes, and whether it goes directly.
  mutating func paths(
    from id: Int, to node: Int, isMissed: Bool, at now: Instant, probeInterval: Duration
  ) -> (isDirect: Bool, relays: [Int]) {
    guard let complaint = complaints[node], now - complaint.time <= Self.memory else {
      return (true, isMissed ? relays(from: id, to: node, at: now) : [])
    }
    guard case .through(let relay) = complaint.hearing, relay != id, relay != node else {
      return (true, relays(from: id, to: node, at: now))
    }
    let isDirect = lastProbe[node].map { now - $0 >= probeInterval } ?? true
    if isDirect { lastProbe[node] = now }
    return (isDirect, [relay])
  }

  /// Some of the other nodes, in turn.
  private func relays(from id: Int, to node: Int, at now: Instant) -> [Int] {
    let others = direct.indices.filter { $0 != id && $0 != node }
    guard others.count > Self.relayLimit else { return others }
    let start = now.nanoseconds / 100_000_000 % others.count
    return (0..<Self.relayLimit).map { others[(start + $0) % others.count] }
  }
}

extension Raft {
  /// Sends a message, by way of other nodes if it may not get through.
  mutating func post(_ message: RaftMessage, to receiver: Int) {
    var message = message
    let isMissed = isMissed(receiver)
    message.hearing = reach.hearing(of: receiver, isMissed: isMissed, at: now)
    let (isDirect, relays) = reach.paths(
      from: id, to: receiver, isMissed: isMissed, at: now, probeInterval: options.probeInterval)
    if isDirect { directives.append(.send(message, to: receiver)) }
    message.route = .init(origin: id, destination: receiver)
    for relay in relays { directives.append(.send(message, to: relay)) }
  }

  /// Takes note of the way that a message has come. Returns the node that has sent it first; nil if it is for another,
  /// to which it is passed on.
  mutating func takeRoute(of message: RaftMessage, from sender: Int) -> Int? {
    guard let route = message.route else {
      reach.hear(sender, by: nil, says: message.hearing, at: now)
      return sender
    }
    guard route.destination == id else {
      if route.origin == sender { directives.append(.send(message, to: route.destination)) }
      return nil
    }
    reach.hear(route.origin, by: sender, says: message.hearing, at: now)
    return route.origin
  }

  /// Whether a node has not answered for so long that messages may not get through.
  private func isMissed(_ node: Int) -> Bool {
    switch role {
    case .leader(let leader): return now - leader.progress[node].lastReport > options.probeInterval
    case .candidate:
      return contact.failedCampaigns > 0 && isMissed(node, since: now - options.probeInterval)
    case .follower:
      return node == contact.leader && !contact.isQuiet && isMissed(node, since: now - options.probeInterval)
    }
  }

  private func isMissed(_ node: Int, since start: Instant) -> Bool {
    reach.lastHeard(node).map { $0 < start } ?? true
  }
}
