import EddyTiming

/// A node that wants to become leader.
struct Candidate {
  /// Whether it only asks whether it would be elected (pre-vote, thesis section 9.6).
  var isPreliminary: Bool
  /// The term that it is, or would be, leader of.
  var term: Int
  /// The place of its last entry when it asked.
  var last: Position
  /// Who votes for it, or would.
  var supporters: Set<Int>
  /// Those of them that have voted already when it only asks whether they would.
  var earlyVoters: Set<Int> = []
  /// The number of records of which the last one holds its own vote.
  var voteRecord: Int
  /// When it gives up.
  var deadline: Instant
  var isTransfer = false
  /// The latest leader that this node or a supporter has followed, if it is known, and its term.
  var predecessor: (leader: Int?, term: Int)?
}

extension Raft {
  /// How many times the wait for votes doubles when campaigns fail: a network may be that slow.
  private static let doublings = 2

  /// Asks all other nodes whether they would vote for this one.
  mutating func startCampaign() {
    guard !isLearner else { return }
    note(.suspectsLeader(term: term))
    guard count > 1 else { return startElection() }
    let candidate = Candidate(
      isPreliminary: true, term: term + 1, last: log.last, supporters: [id], voteRecord: 0,
      deadline: now + campaignLength, predecessor: contact.latest)
    role = .candidate(candidate)
    requestVotes(candidate)
  }

  /// Asks all other nodes for their vote in a new term. Supporters have voted for it already.
  mutating func startElection(isTransfer: Bool = false, supporters: Set<Int> = []) {
    let predecessor: (leader: Int?, term: Int)?
    if case .candidate(let candidate) = role {
      predecessor = candidate.predecessor
    } else {
      predecessor = contact.latest
    }
    term += 1
    vote = id
    contact.leader = nil
    contact.isQuiet = false
    queue.forgetLogged()
    persist(.vote(term: term, candidate: id))
    note(.becameCandidate(term: term))
    let candidate = Candidate(
      isPreliminary: false, term: term, last: log.last, supporters: supporters.union([id]),
      voteRecord: durability.written, deadline: now + campaignLength, isTransfer: isTransfer,
      predecessor: predecessor)
    role = .candidate(candidate)
    requestVotes(candidate)
  }

  private mutating func requestVotes(_ candidate: Candidate) {
    let request = RaftMessage.VoteRequest(
      last: candidate.last, isPreliminary: candidate.isPreliminary, isTransfer: candidate.isTransfer)
    for node in 0..<count where !candidate.supporters.contains(node) {
      if candidate.isPreliminary {
        post(RaftMessage(term: candidate.term, .voteRequest(request)), to: node)
      } else {
        sendWhenDurable(.voteRequest(request), to: node)
      }
    }
  }

  /// How long to wait for votes: twice as long after each failure, and never as long as another node waits.
  private var campaignLength: Duration {
    let failures = contact.failedCampaigns
    let base = options.electionLease * (1 << min(failures, Self.doublings))
    // A pseudo-random part of the base, so that two candidates do not go on at the same times.
    var mixed = UInt64(truncatingIfNeeded: id &+ 1) &* 0x9E37_79B9_7F4A_7C15
    mixed ^= UInt64(truncatingIfNeeded: failures &+ term &* 31) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 29)) &* 0x94D0_49BB_1331_11EB
    return base + base * Int((mixed >> 32) % 1024) / 1024
  }

  func candidateDeadline(_ candidate: Candidate) -> Instant? {
    var deadline = Instant.earliest(candidate.deadline, heldRequestTime)
    if candidate.isPreliminary, candidate.supporters.count >= majority {
      deadline = .earliest(deadline, contact.promise(options))
    }
    return deadline
  }

  mutating func proceedAsCandidate() {
    answerHeldRequests()
    guard case .candidate(let candidate) = role else { return }
    let isElected = candidate.supporters.count >= majority
    // It has promised not to vote for another, itself included: it may have asked before its promise has ended.
    if isElected, candidate.isPreliminary, !isPromised {
      return startElection(supporters: candidate.earlyVoters)
    }
    if isElected, !candidate.isPreliminary, durability.durable >= candidate.voteRecord {
      return becomeLeader(candidate)
    }
    guard candidate.deadline <= now else { return }
    contact.failedCampaigns += 1
    startCampaign()
  }
}

// MARK: - Votes

extension Raft {
  mutating func receive(_ request: RaftMessage.VoteRequest, term candidateTerm: Int, from candidate: Int) {
    if case .leader = role {
      // Whoever asks has not heard the leader. This also tells it of a newer term.
      if candidateTerm <= term || request.isPreliminary { answerAsLeader(candidate) }
      return
    }
    guard !isLearner else { return }
    if request.isPreliminary {
      guard candidateTerm > term else { return refuseVote(request, candidate) }
      contact.heldRequests.removeAll { $0.candidate == candidate }
      contact.heldRequests.append(.init(candidate: candidate, term: candidateTerm, request: request))
      return
    }
    guard candidateTerm == term, request.last >= log.last, vote == nil || vote == candidate,
      request.isTransfer || !isPromised
    else { return refuseVote(request, candidate) }
    grantVote(request, to: candidate)
  }

  private mutating func refuseVote(_ request: RaftMessage.VoteRequest, _ candidate: Int) {
    sendWhenDurable(voteMessage(request, isPreliminary: false, isGranted: false), to: candidate)
  }

  private mutating func grantVote(_ request: RaftMessage.VoteRequest, to candidate: Int) {
    if vote == nil {
      vote = candidate
      persist(.vote(term: term, candidate: candidate))
    }
    // Not as long as another voter waits: two nodes that vote for each other must not do so for ever.
    contact.suspicion = now + options.electionLease + campaignLength
    sendWhenDurable(voteMessage(request, isPreliminary: false, isGranted: true), to: candidate)
  }

  private func voteMessage(
    _ request: RaftMessage.VoteRequest, isPreliminary: Bool, isGranted: Bool
  ) -> RaftMessage.Body {
    .vote(
      RaftMessage.Vote(
        last: request.last, isPreliminary: isPreliminary, isGranted: isGranted,
        leader: contact.latest?.leader,
        leaderTerm: contact.latest?.term ?? 0))
  }

  /// Answers who has asked for a vote beforehand, once this node suspects the leader as well.
  ///
  /// If two votes are a majority, the candidate needs this one only, and gets it at once.
  mutating func answerHeldRequests() {
    guard let due = heldRequestTime, due <= now else { return }
    let held = contact.heldRequests.filter(mayAnswer)
    contact.heldRequests.removeAll { request in held.contains { $0.candidate == request.candidate } }
    for request in held where request.term > term && request.request.last >= log.last {
      if majority == 2 {
        adopt(term: request.term)
        grantVote(request.request, to: request.candidate)
      } else {
        let message = voteMessage(request.request, isPreliminary: true, isGranted: true)
        post(RaftMessage(term: request.term, message), to: request.candidate)
      }
    }
  }

  mutating func receive(_ vote: RaftMessage.Vote, term voteTerm: Int, from voter: Int) {
    guard case .candidate(var candidate) = role, vote.isGranted, voteTerm == candidate.term,
      vote.last == candidate.last, vote.isPreliminary == candidate.isPreliminary
    else { return }
    candidate.supporters.insert(voter)
    candidate.noteLeader(of: vote)
    role = .candidate(candidate)
  }

  /// Takes a vote that a voter gives before the candidate has asked for it in the term.
  mutating func acceptEarlyVote(_ message: RaftMessage, from voter: Int) -> Bool {
    guard case .candidate(var candidate) = role, candidate.isPreliminary, case .vote(let vote) = message.body,
      vote.isGranted, !vote.isPreliminary, message.term == candidate.term, vote.last == candidate.last,
      log.last == candidate.last
    else { return false }
    candidate.noteLeader(of: vote)
    candidate.supporters.insert(voter)
    candidate.earlyVoters.insert(voter)
    role = .candidate(candidate)
    return true
  }

  mutating func receiveTransfer(term messageTerm: Int, from leader: Int) {
    guard messageTerm == term, case .follower = role, !isLearner, contact.leader == leader else { return }
    startElection(isTransfer: true)
  }
}

extension Candidate {
  fileprivate mutating func noteLeader(of vote: RaftMessage.Vote) {
    guard vote.leaderTerm > (predecessor?.term ?? 0) else { return }
    predecessor = (vote.leader, vote.leaderTerm)
  }
}
