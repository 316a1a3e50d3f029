public import EddyTiming

/// Watches all nodes of a simulated cluster, and tells which of the paper's properties they violate.
///
/// It is called after every event. Figure 3 of the Raft paper; the sixth is about leases. O(nodes² × entries that
/// are new or not committed) per call.
public struct RaftInvariants: Sendable {
  /// The leader of each term.
  private var leaders: [Int: Int] = [:]
  /// The entries that were committed, from index 1 on, as some node applied them. Those that no node had when it
  /// first applied a later one, by a snapshot, are nil.
  private var committed: [Entry?] = []
  /// Each node's log when it was last seen as a leader, with the term.
  private var leaderLogs: [Int: (term: Int, last: Position)] = [:]

  /// Up to which index each node's applied entries were compared with `committed`.
  private var comparedIndex: [Int: Int] = [:]
  /// The leader whose log holds the first `count` of `committed`.
  private var complete: (leader: Int, term: Int, count: Int) = (0, 0, 0)

  public init() {}

  /// Checks the nodes after an event. Nodes that are down are not given.
  ///
  /// - Parameters:
  ///   - nodes: The nodes that run.
  ///   - clock: What the clock of the node with this index shows now; nil if the node stands still, so that it reads
  ///     nothing.
  /// - Returns: A violated property in words; nil if there is none.
  public mutating func check(_ nodes: [Raft], clock: (Int) -> Instant?) -> String? {
    for node in nodes {
      if let violation = checkLeader(node) ?? noteCommitted(node) { return violation }
    }
    return checkLogMatching(nodes) ?? checkLeaderCompleteness(nodes) ?? checkReaders(nodes, clock)
  }

  private mutating func checkLeader(_ node: Raft) -> String? {
    guard node.isLeader else {
      leaderLogs[node.id] = nil
      return nil
    }
    if let other = leaders[node.term], other != node.id {
      return "election safety: nodes \(other) and \(node.id) are both leaders of term \(node.term)"
    }
    leaders[node.term] = node.id
    if let (term, last) = leaderLogs[node.id], term == node.term,
      last.index > node.log.last.index || node.log.term(at: last.index).map({ $0 != last.term }) ?? false
    {
      return "leader append-only: leader \(node.id) of term \(term) has changed entry \(last.index)"
    }
    leaderLogs[node.id] = (node.term, node.log.last)
    return nil
  }

  private mutating func noteCommitted(_ node: Raft) -> String? {
    let compared = min(comparedIndex[node.id] ?? 0, node.commit)
    comparedIndex[node.id] = node.commit
    for index in stride(from: max(node.log.base.index, compared) + 1, through: node.commit, by: 1) {
      while committed.count < index { committed.append(nil) }
      if let known = committed[index - 1], known != node.log[index] {
        return
          "state-machine safety: node \(node.id) has applied another entry \(index) than a node before it"
      }
      committed[index - 1] = node.log[index]
    }
    return nil
  }

  private func checkLogMatching(_ nodes: [Raft]) -> String? {
    for (index, a) in nodes.enumerated() {
      for b in nodes[(index + 1)...] {
        var agrees = false
        // What both have applied was compared already.
        let low = max(a.log.base.index, b.log.base.index, min(a.commit, b.commit))
        for index in stride(from: min(a.log.last.index, b.log.last.index), to: low, by: -1) {
          if a.log[index].term == b.log[index].term { agrees = true }
          if agrees, a.log[index] != b.log[index] {
            return "log matching: nodes \(a.id) and \(b.id) differ at \(index), and agree after it"
          }
        }
      }
    }
    return nil
  }

  private mutating func checkLeaderCompleteness(_ nodes: [Raft]) -> String? {
    guard let leader = nodes.filter(\.isLeader).max(by: { $0.term < $1.term }) else { return nil }
    let known = complete.leader == leader.id && complete.term == leader.term ? complete.count : 0
    for index in stride(from: max(leader.log.base.index, known) + 1, through: committed.count, by: 1) {
      guard let entry = committed[index - 1], entry.term <= leader.term else { continue }
      guard index <= leader.log.last.index, leader.log[index] == entry else {
        return
          "leader completeness: leader \(leader.id) of term \(leader.term) lacks committed entry \(index)"
      }
    }
    complete = (leader.id, leader.term, committed.count)
    return nil
  }

  private func checkReaders(_ nodes: [Raft], _ clock: (Int) -> Instant?) -> String? {
    for node in nodes {
      guard let now = clock(node.id), node.readability(at: now) != .nothing else { continue }
      guard node.log.last.index >= committed.count else {
        return "readers: node \(node.id) may read locally and lacks committed entry \(committed.count)"
      }
    }
    return nil
  }
}
