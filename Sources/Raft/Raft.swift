public import EddyTiming

/// Consensus on a log of commands: one node's part, without IO.
///
/// Raft as in Ongaro and Ousterhout, "In search of an understandable consensus algorithm" (2014), and
/// Ongaro's thesis (2014), for a fixed set of nodes. A node is given messages, instants, commands, and word of
/// what is durable; it returns directives. The same calls give the same directives.
///
/// **Rounds.** The leader sends an append to every follower at most once a window, and each follower answers
/// with a report: 2(n−1) messages whatever the number of commands. A follower's report carries the commands of
/// its clients, and it learns of their commitment from a later append, so neither needs a message of its own.
/// A round does not wait for the window when all clients that were heard of lately wait for it.
///
/// **Elections.** A node that has not heard the leader for the length of the election lease asks whether it
/// would be elected (pre-vote, thesis section 9.6), and a voter answers as soon as it, too, has stopped hearing
/// the leader. Nodes begin in the order in which they follow the last leader. A leader that does not hear a
/// majority steps down (check-quorum, section 6.2).
///
/// **Leases.** No voter votes for another until an election lease after the leader's last append, on its own
/// clock; the leader counts from when it sent the append that a report echoes. So it knows until when it is the
/// only leader. While it does, it grants read leases to followers: from the stamp of a follower's own report,
/// on that follower's clock. As long as a grant may last, nothing is committed without that follower. So a
/// follower with a grant has all that is committed in its log, and reads locally what no uncommitted entry
/// touches (roster leases: Bodega, arXiv 2509.07158; the log as the lease: LeaseGuard, SIGMOD 2026). A new
/// leader waits for the grants that the last one may have given. All of it assumes that clocks run at the
/// same speed within `clockDrift`, also while a process is paused, and nothing about the time they show. Any
/// other read asks the leader (ReadIndex, section 6.4).
///
/// **One-way cuts.** A node that does not get through to another sends its messages by way of a third one, once it has
/// noticed; see `Reachability`.
///
/// **Silence.** When nothing has happened for a while the leader says so and sends nothing more. Followers then
/// do not suspect it until one of them needs it.
///
/// **Invariants**, asserted by ``RaftInvariants`` after every event of simulated runs:
/// 1. Election safety: a term has at most one leader.
/// 2. Leader append-only: a leader does not change or remove entries of its log.
/// 3. Log matching: logs that agree at a position agree before it.
/// 4. Leader completeness: what is committed is in the log of every later leader.
/// 5. State-machine safety: no two nodes apply different entries at an index.
/// 6. Whoever may read locally has every committed entry in its log.
///
/// It has more than ten stored properties because each is a part of its own type, with its own rules.
public struct Raft: Sendable {
  /// This node's index among all nodes.
  public let id: Int
  /// The number of nodes.
  public let count: Int
  public let options: RaftOptions

  /// The instant of the event being handled.
  var now: Instant
  /// The current term, and whom this node has voted for in it.
  public internal(set) var term = 0
  var vote: Int?
  var log = RaftLog()
  /// The last index that is known to be committed, and is applied.
  public internal(set) var commit = 0
  var snapshot: Snapshot?
  /// The weight of the log when the snapshot was taken, in bytes.
  var weightAtSnapshot = 0
  /// The last number of each node's commands that were executed.
  var executed: SessionTable
  var queue: ProposalQueue
  var reads: ReadRequests
  var role = Role.follower(Follower())
  var contact: LeaderContact
  var reach: Reachability
  var durability = Durability(durableIndex: 0)
  /// When this process began. Stamps before it are another process's.
  let startStamp: Int
  /// When this node last served a client.
  var lastActivity: Instant
  var activity = Activity()
  /// Whether this node has lost what it had voted and stored. Then it counts for no majority.
  public internal(set) var isLearner = false
  var directives: [RaftDirective] = []

  enum Role: Sendable {
    case follower(Follower)
    case candidate(Candidate)
    case leader(Leader)
  }

  /// What this node's clients are known to want.
  struct Activity {
    /// Whether all clients that were heard of lately wait.
    var isComplete = false
    /// Whether clients were served since the last report.
    var isRecent = false
    /// When a command was last proposed here.
    var lastProposal: Instant?
  }

  /// How a node begins.
  public enum Start: Sendable {
    /// In a new cluster, in which nobody has voted.
    case new
    /// With the records that it has stored, in their order.
    case recovered([RaftRecord])
    /// Without what it had stored: its vote is lost, so it takes part as a learner only.
    case lost
  }

  /// A node of a cluster of `count` nodes.
  ///
  /// - Parameters:
  ///   - id: Its index, in `0..<count`.
  ///   - count: The number of nodes, at least 1.
  ///   - options: The same for all nodes.
  ///   - session: The number of its first command, greater than all numbers of the node's earlier processes: the
  ///     microseconds of a monotonic clock, for example. If what is recovered has greater ones, it is raised.
  ///   - start: What the node remembers.
  ///   - now: The present instant, of a clock that all calls use.
  public init(
    id: Int, count: Int, options: RaftOptions = RaftOptions(), session: Int, start: Start, at now: Instant
  ) {
    precondition(count > 0 && (0..<count).contains(id), "a node is one of the cluster")
    precondition(session > 0, "commands are numbered from 1")
    self.id = id
    self.count = count
    self.options = options
    self.now = now
    executed = SessionTable(count: count)
    queue = ProposalQueue(session: session)
    reads = ReadRequests(session: session)
    startStamp = now.nanoseconds / 1000
    lastActivity = now
    contact = LeaderContact(start: now)
    reach = Reachability(count: count)
    switch start {
    case .new: break
    case .recovered(let records): recover(records)
    case .lost:
      isLearner = true
      note(.hasLostItsVote)
    }
    scheduleFirstCampaign(isNew: { if case .new = start { true } else { false } }())
  }
}

// MARK: - The host's side

extension Raft {
  /// Takes the directives since the last call.
  public mutating func takeDirectives() -> [RaftDirective] {
    defer { directives = [] }
    return directives
  }

  /// Handles a message from the node of index `sender`.
  public mutating func receive(_ message: RaftMessage, from sender: Int, at now: Instant) {
    guard sender != id, (0..<count).contains(sender), message.isWellFormed(count: count) else { return }
    self.now = max(self.now, now)
    guard let sender = takeRoute(of: message, from: sender) else { return }
    if isIgnored(message) { return }
    if acceptEarlyVote(message, from: sender) { return proceed() }
    if message.term > term, !message.isPreliminary { adopt(term: message.term) }
    switch message.body {
    case .append(let append): receive(append, term: message.term, from: sender)
    case .snapshot(let piece): receive(piece, term: message.term, from: sender)
    case .report(let report): receive(report, term: message.term, from: sender)
    case .voteRequest(let request): receive(request, term: message.term, from: sender)
    case .vote(let vote): receive(vote, term: message.term, from: sender)
    case .transfer: receiveTransfer(term: message.term, from: sender)
    }
    proceed()
  }

  /// Does what is due. Call it no later than at ``nextDeadline``.
  public mutating func advance(to now: Instant) {
    self.now = max(self.now, now)
    proceed()
  }

  /// Notes that the first `count` records that the node asked to persist are durable.
  public mutating func noteDurable(_ count: Int, at now: Instant) {
    self.now = max(self.now, now)
    for (message, receiver) in durability.note(count) where message.term == term {
      post(message, to: receiver)
    }
    proceed()
  }

  /// When ``advance(to:)`` is due next; nil if nothing will be.
  public var nextDeadline: Instant? {
    switch role {
    case .follower(let follower): followerDeadline(follower)
    case .candidate(let candidate): candidateDeadline(candidate)
    case .leader(let leader): leaderDeadline(leader)
    }
  }

  /// Whether this node is the leader, as far as it knows.
  public var isLeader: Bool { if case .leader = role { true } else { false } }

  /// The node that this one takes for the leader.
  public var leader: Int? { isLeader ? id : contact.leader }

  /// Whether this node is the leader, or has heard it as lately as it expects to, or asks for the first time whether
  /// others have.
  public func hearsLeader(at now: Instant) -> Bool {
    switch role {
    case .leader: true
    case .follower: contact.leader != nil && (contact.suspicion.map { now < $0 } ?? true)
    case .candidate(let candidate):
      candidate.isPreliminary && contact.leader != nil && contact.failedCampaigns == 0
    }
  }

  /// The place of the last entry of the log.
  public var lastPosition: Position { log.last }
}

// MARK: - What all roles share

extension Raft {
  var majority: Int { count / 2 + 1 }

  /// The current instant as a stamp, in microseconds.
  var stamp: Int { now.nanoseconds / 1000 }

  static func instant(ofStamp stamp: Int) -> Instant { Instant(nanoseconds: stamp * 1000) }

  /// Sends a message of the current term at once.
  mutating func send(_ body: RaftMessage.Body, to receiver: Int) {
    post(RaftMessage(term: term, body), to: receiver)
  }

  /// Sends a message of the current term when all that was written before is durable.
  mutating func sendWhenDurable(_ body: RaftMessage.Body, to receiver: Int) {
    if durability.isSettled { return send(body, to: receiver) }
    durability.hold(RaftMessage(term: term, body), for: receiver)
  }

  mutating func persist(_ record: RaftRecord) {
    durability.write(lastIndex: log.last.index)
    directives.append(.persist(record))
  }

  mutating func note(_ event: RaftEvent) { directives.append(.note(event)) }

  /// Whether a message tells nothing: a voter that has promised itself to the leader does not even look at the
  /// term of a candidate (thesis, section 4.2.3), so a node that was cut off disturbs nobody.
  private func isIgnored(_ message: RaftMessage) -> Bool {
    guard case .voteRequest(let request) = message.body, !request.isPreliminary, !request.isTransfer else {
      return false
    }
    return message.term > term && isPromised
  }

  /// Whether a vote for another would break a promise to the leader.
  var isPromised: Bool {
    if case .leader = role { return !canStepAside }
    return now < contact.promise(options)
  }

  mutating func adopt(term newTerm: Int) {
    precondition(newTerm > term, "a term only grows")
    term = newTerm
    vote = nil
    contact.leader = nil
    contact.isQuiet = false
    contact.suspicion = contact.suspicion ?? now + options.electionLease
    persist(.vote(term: term, candidate: nil))
    becomeFollower()
  }

  mutating func becomeFollower() {
    if case .candidate = role { contact.failedCampaigns += 1 }
    if case .follower = role {
    } else {
      contact.suspicion = now + options.electionLease
      contact.isQuiet = false
    }
    role = .follower(Follower())
    queue.forgetLogged()
  }

  /// Applies what is committed up to `index`.
  mutating func advanceCommit(to index: Int) {
    while commit < min(index, log.last.index) {
      commit += 1
      if let batch = log[commit].batch { execute(batch, at: commit) }
    }
    serveReads()
    if log.byteCount > weightAtSnapshot + options.compactionThreshold { directives.append(.takeSnapshot) }
  }

  private mutating func execute(_ batch: Batch, at index: Int) {
    guard let new = executed.take(batch) else { return }
    let isOwn = new.origin == id && new.session == queue.session
    let tokens = isOwn ? queue.complete(through: new.last) : nil
    if isOwn { activity.isComplete = false }
    // Those before them are in a snapshot.
    let unknown = max(0, (tokens?.count ?? 0) - new.commands.count)
    if let tokens, unknown > 0 { directives.append(.forget(tokens: Array(tokens.prefix(unknown)))) }
    let known = tokens.map { Array($0.dropFirst(unknown)) }
    precondition(known == nil || known?.count == new.commands.count, "own commands are executed in order")
    directives.append(.apply(index: index, batch: new, tokens: known))
  }

  /// Does what the role has to do now, and whatever that makes due.
  private mutating func proceed() {
    switch role {
    case .follower: proceedAsFollower()
    case .candidate: proceedAsCandidate()
    case .leader: proceedAsLeader()
    }
  }

  /// Makes this process's numbers greater than those of the processes before it, even if the clock from which
  /// the host takes them was set back, as a machine's monotonic clock is when it starts.
  ///
  /// Commands that left the node unlogged may have greater numbers than those known here, by far less than 2³².
  private mutating func continueNumbering() {
    var known = executed
    for index in stride(from: commit + 1, through: log.last.index, by: 1) {
      if let batch = log[index].batch { _ = known.take(batch) }
    }
    guard queue.session <= known.last[id] else { return }
    let session = known.last[id] + 1 << 32
    queue = ProposalQueue(session: session)
    reads = ReadRequests(session: session)
  }

  /// Replays what was stored.
  private mutating func recover(_ records: [RaftRecord]) {
    for record in records {
      switch record {
      case .vote(let storedTerm, let candidate): (term, vote) = (storedTerm, candidate)
      case .entries(let index, let entries):
        log.truncate(after: index)
        for entry in entries { log.append(entry) }
      case .snapshot(let stored, let base):
        snapshot = stored
        log.reset(to: base)
        commit = stored.position.index
        executed = SessionTable(stored.sessions)
      }
    }
    durability = Durability(durableIndex: log.last.index)
    contact.forgetLeader(term: term)
    if let snapshot { directives.append(.restore(snapshot)) }
    continueNumbering()
  }
}

extension RaftMessage {
  /// Whether the term is one that the sender would have, or a candidate would.
  var isPreliminary: Bool {
    switch body {
    case .voteRequest(let request): request.isPreliminary
    case .vote(let vote): vote.isPreliminary
    default: false
    }
  }
}
