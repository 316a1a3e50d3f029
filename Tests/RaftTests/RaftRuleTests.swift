import EddyRaft
import EddyTiming
import Testing

/// Rules whose breach random faults hardly show, as others cover it: each is asked of one node by itself.
struct RaftRuleTests {
  /// Paper, section 5.2; thesis, section 3.8.
  @Test func aVoteIsStoredBeforeItIsTold() {
    var node = RaftNode(.new)
    let request = RaftMessage.VoteRequest(last: .zero, isPreliminary: false, isTransfer: true)
    node.raft.receive(RaftMessage(term: 1, .voteRequest(request)), from: 1, at: node.now)
    let directives = node.raft.takeDirectives()
    #expect(directives.contains(.persist(.vote(term: 1, candidate: 1))))
    #expect(node.sent(in: directives).isEmpty)
    node.raft.noteDurable(RaftNode.records(in: directives), at: node.now)
    #expect(
      node.sent(in: node.raft.takeDirectives()).contains {
        if case .vote(let vote) = $0.body { vote.isGranted } else { false }
      })
  }

  /// Paper, section 5.4.2 and figure 8.
  @Test func entriesOfAnOlderTermAreCommittedWithOneOfTheLeadersTerm() {
    var node = RaftNode(.recovered([.vote(term: 1, candidate: nil), .entries(after: 0, [Entry(term: 1)])]))
    node.becomeLeader()
    node.report(.matches(1), term: node.raft.term)
    #expect(node.raft.commit == 0)
    node.report(.matches(2), term: node.raft.term)
    #expect(node.raft.commit == 2)
  }

  /// A follower's log may have lost since what it reported to a leader of an earlier term.
  @Test func aReportOfAnOlderTermCommitsNothing() {
    var node = RaftNode(.recovered([.vote(term: 1, candidate: nil), .entries(after: 0, [Entry(term: 1)])]))
    node.becomeLeader()
    node.report(.matches(2), term: node.raft.term - 1)
    #expect(node.raft.commit == 0)
    node.report(.matches(2), term: node.raft.term)
    #expect(node.raft.commit == 2)
  }

  /// Seeds 892 and 908 of lin-kv's swarm: two nodes that asked within a message's way voted for each other, three times.
  @Test(arguments: [(Position.zero, 0), (Position(term: 1, index: 1), 1)])
  func aCandidateThatAsksAgainGivesWayToALongerLogOrASmallerIndex(last: Position, votes: Int) {
    var node = RaftNode(.new)
    for _ in 0..<3 {
      if let deadline = node.raft.nextDeadline { node.now = max(node.now, deadline) }
      node.raft.advance(to: node.now)
    }
    _ = node.raft.takeDirectives()
    let request = RaftMessage.VoteRequest(last: last, isPreliminary: true, isTransfer: false)
    node.raft.receive(RaftMessage(term: 1, .voteRequest(request)), from: 1, at: node.now)
    let directives = node.raft.takeDirectives()
    node.raft.noteDurable(RaftNode.records(in: directives), at: node.now)
    let given = (node.sent(in: directives) + node.sent(in: node.raft.takeDirectives())).count {
      if case .vote(let vote) = $0.body { vote.isGranted && $0.route == nil } else { false }
    }
    #expect(given == votes)
  }

  /// Thesis, section 6.4.1: the process before may have promised itself to a leader that relies on it.
  @Test(arguments: [(100, false), (600, true)])
  func aNodeThatHasRestartedKeepsItsPromise(milliseconds: Int, isGiven: Bool) {
    var node = RaftNode(.recovered([.vote(term: 1, candidate: nil)]))
    node.now = node.now + .milliseconds(milliseconds)
    let request = RaftMessage.VoteRequest(last: .zero, isPreliminary: false, isTransfer: false)
    node.raft.receive(RaftMessage(term: 2, .voteRequest(request)), from: 1, at: node.now)
    #expect(node.raft.takeDirectives().contains(.persist(.vote(term: 2, candidate: 1))) == isGiven)
  }

  /// Thesis, section 3.10: the follower that is to be the leader may be elected at any time.
  @Test func aLeaderThatHandsOverHasNoLease() {
    var node = RaftNode(.recovered([.vote(term: 1, candidate: nil), .entries(after: 0, [Entry(term: 1)])]))
    node.becomeLeader()
    node.report(.matches(2), term: node.raft.term, echo: node.lastStamp)
    #expect(node.raft.readability(at: node.now) == .everything)
    node.raft.transferLeadership(at: node.now)
    #expect(node.raft.readability(at: node.now) == .nothing)
  }

  /// Paper, section 7.
  @Test func aSnapshotOfWhatIsAppliedIsRefused() {
    var node = RaftNode(.new)
    node.append([Entry(term: 1), Entry(term: 1)], after: .zero, commit: 2)
    #expect(node.raft.commit == 2)
    let directives = node.snapshot(at: Position(term: 1, index: 1), sessions: [0, 0, 0])
    #expect(!directives.contains { if case .restore = $0 { true } else { false } })
    #expect(node.raft.commit == 2)
  }

  /// Thesis, section 6.3: which commands were executed is part of the state.
  @Test func aCommandThatASnapshotHoldsIsNotExecutedAgain() {
    var node = RaftNode(.new)
    let position = Position(term: 1, index: 5)
    _ = node.snapshot(at: position, sessions: [0, 10, 0])
    let known = Batch(origin: 1, session: 10, first: 10, commands: [[1]])
    let new = Batch(origin: 1, session: 10, first: 11, commands: [[2]])
    let entries = [Entry(term: 1, batch: known), Entry(term: 1, batch: new)]
    let applied = node.append(entries, after: position, commit: 7).compactMap { directive -> Batch? in
      if case .apply(_, let batch, _) = directive { batch } else { nil }
    }
    #expect(applied == [new])
  }
}

/// Node 0 of three, whose messages go to the test.
private struct RaftNode {
  var raft: Raft
  var now = Instant(nanoseconds: 1_000_000_000)
  private var recordCount = 0
  /// The stamp of the last append that was sent.
  private(set) var lastStamp = 0

  init(_ start: Raft.Start) {
    raft = Raft(id: 0, count: 3, session: 1, start: start, at: now)
    _ = raft.takeDirectives()
  }

  func sent(in directives: [RaftDirective]) -> [RaftMessage] {
    directives.compactMap { if case .send(let message, _) = $0 { message } else { nil } }
  }

  static func records(in directives: [RaftDirective]) -> Int {
    directives.count {
      switch $0 {
      case .persist, .rewrite: true
      default: false
      }
    }
  }

  /// Gives the node every vote that it asks for, and makes all that it writes durable.
  mutating func becomeLeader() {
    for _ in 0..<20 where !raft.isLeader {
      if let deadline = raft.nextDeadline { now = max(now, deadline) }
      raft.advance(to: now)
      settle()
    }
    // Until then the followers may have leases of an earlier leader.
    now = now + .milliseconds(700)
    raft.advance(to: now)
    settle()
  }

  mutating func settle() {
    let directives = raft.takeDirectives()
    if directives.isEmpty { return }
    recordCount += Self.records(in: directives)
    raft.noteDurable(recordCount, at: now)
    for message in sent(in: directives) {
      if case .append(let append) = message.body { lastStamp = append.stamp }
      guard case .voteRequest(let request) = message.body else { continue }
      let vote = RaftMessage.Vote(
        last: request.last, isPreliminary: request.isPreliminary, isGranted: true, leader: nil, leaderTerm: 0)
      raft.receive(RaftMessage(term: message.term, .vote(vote)), from: 1, at: now)
    }
    settle()
  }

  /// Gives the node entries of node 1, the leader of term 1.
  @discardableResult
  mutating func append(_ entries: [Entry], after previous: Position, commit: Int) -> [RaftDirective] {
    let append = RaftMessage.Append(
      previous: previous, entries: entries, commit: commit, stamp: 1, grant: nil, confirmedRead: nil,
      isQuiet: false)
    raft.receive(RaftMessage(term: 1, .append(append)), from: 1, at: now)
    return raft.takeDirectives()
  }

  /// Gives the node a snapshot of node 1, the leader of term 1.
  mutating func snapshot(at position: Position, sessions: [Int]) -> [RaftDirective] {
    let piece = RaftMessage.SnapshotPiece(
      position: position, sessions: sessions, offset: 0, total: 1, bytes: [1], stamp: 1)
    raft.receive(RaftMessage(term: 1, .snapshot(piece)), from: 1, at: now)
    return raft.takeDirectives()
  }

  mutating func report(_ outcome: RaftMessage.Report.Outcome, term: Int, echo: Int = 0) {
    let report = RaftMessage.Report(
      outcome: outcome, echo: echo, stamp: 0, batch: nil, isComplete: false, read: 0, isActive: false,
      isLearner: false)
    raft.receive(RaftMessage(term: term, .report(report)), from: 1, at: now)
  }
}
