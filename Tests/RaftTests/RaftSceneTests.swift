import EddyRaft
import EddyTiming
import GoldenFiles
import Testing

/// The main scenes of the protocol, message by message, as they were when a person last read them.
///
/// `make transcripts` writes them anew.
struct RaftSceneTests {
  private func cluster(_ count: Int = 3, latency: Int = 10, options: RaftOptions = RaftOptions())
    -> RaftCluster
  {
    let cluster = RaftCluster(count: count, seed: 1, options: options)
    cluster.network.latency = latency * 1_000_000...latency * 1_000_000
    cluster.transcript = []
    return cluster
  }

  /// Begins to record what follows.
  private func record(_ cluster: RaftCluster) { cluster.transcript = [] }

  private func check(_ cluster: RaftCluster, _ name: String) throws {
    let text = (cluster.transcript ?? []).joined(separator: "\n") + "\n"
    #expect(cluster.violation == nil)
    #expect(try GoldenFile.text(of: name, now: text) == text, "\(name) differs from its golden file")
  }

  /// Section 5.2 of the paper, and silence after it.
  @Test func anElection() throws {
    let cluster = cluster()
    cluster.startAll()
    cluster.run(untilMilliseconds: 4_000)
    try check(cluster, "an-election")
  }

  /// Two nodes ask at the same time; the first in order is elected.
  @Test func aSplitVote() throws {
    let cluster = cluster(4)
    cluster.startAll()
    cluster.run(untilMilliseconds: 1_000)
    let leader = try #require(cluster.leader)
    record(cluster)
    cluster.kill(leader)
    cluster.run(untilMilliseconds: 2_500)
    try check(cluster, "a-split-vote")
  }

  /// Check-quorum: the leader that is cut off steps down, another is elected, and the first one follows it.
  @Test func aLeaderIsCutOff() throws {
    let cluster = cluster()
    cluster.startAll()
    cluster.run(untilMilliseconds: 500)
    let leader = try #require(cluster.leader)
    record(cluster)
    cluster.isolate([leader])
    cluster.write(0, at: leader)
    cluster.write(1, at: (leader + 1) % 3)
    cluster.run(untilMilliseconds: 3_500)
    cluster.network.blocked = []
    cluster.run(untilMilliseconds: 5_000)
    try check(cluster, "a-leader-is-cut-off")
  }

  /// Pre-vote: a node that was cut off comes back, and disturbs nobody.
  @Test func aNodeComesBack() throws {
    let cluster = cluster()
    cluster.startAll()
    cluster.run(untilMilliseconds: 500)
    let other = (try #require(cluster.leader) + 1) % 3
    cluster.isolate([other])
    cluster.run(untilMilliseconds: 3_000)
    record(cluster)
    cluster.network.blocked = []
    cluster.write(0, at: other)
    cluster.run(untilMilliseconds: 6_500)
    try check(cluster, "a-node-comes-back")
  }

  /// A new leader commits nothing before the leases of the last one have ended.
  @Test func aLeaseOutlivesALeader() throws {
    let cluster = cluster(5)
    cluster.startAll()
    cluster.run(untilMilliseconds: 500)
    let leader = try #require(cluster.leader)
    cluster.write(0, at: leader)
    cluster.run(untilMilliseconds: 1_000)
    record(cluster)
    // One follower is cut off together with the leader, and may read for as long as its lease lasts.
    cluster.isolate([leader, (leader + 4) % 5])
    cluster.write(0, at: (leader + 1) % 5)
    cluster.run(untilMilliseconds: 2_500)
    try check(cluster, "a-lease-outlives-a-leader")
  }

  /// Chapter 5 of the thesis: a follower that lacks what was compacted gets a snapshot, in pieces.
  @Test func aSnapshotIsSent() throws {
    var options = RaftOptions()
    options.compactionThreshold = 200
    options.messageLimit = 40
    let cluster = cluster(options: options)
    cluster.startAll()
    cluster.run(untilMilliseconds: 500)
    let other = (try #require(cluster.leader) + 1) % 3
    cluster.kill(other)
    for step in 0..<40 {
      cluster.write(step % 4, at: (other + 1) % 3)
      cluster.run(untilMilliseconds: 600 + step * 100)
    }
    record(cluster)
    cluster.start(other)
    cluster.run(untilMilliseconds: 6_000)
    try check(cluster, "a-snapshot-is-sent")
  }

  /// Section 3.10 of the thesis.
  @Test func leadershipIsTransferred() throws {
    let cluster = cluster()
    cluster.startAll()
    cluster.run(untilMilliseconds: 500)
    record(cluster)
    cluster.transferLeadership()
    cluster.run(untilMilliseconds: 1_000)
    try check(cluster, "leadership-is-transferred")
  }

  /// A node is killed before its vote is durable. It remembers nothing of it, and has told nobody.
  @Test func aVoteIsLost() throws {
    let cluster = cluster()
    cluster.syncTime = 50_000_000...50_000_000
    cluster.startAll()
    cluster.run(untilMilliseconds: 1_500)
    let leader = try #require(cluster.leader)
    record(cluster)
    cluster.isolate([leader])
    cluster.run(untilMilliseconds: 2_050)
    let voter = (0..<3).first { $0 != leader && cluster.processes[$0]?.raft.isLeader == false }
    if let voter {
      cluster.kill(voter)
      cluster.start(voter)
    }
    cluster.run(untilMilliseconds: 3_500)
    try check(cluster, "a-vote-is-lost")
  }

  /// An idle cluster is asked again: the leader's silence is no reason to replace it.
  @Test func silenceEnds() throws {
    let cluster = cluster()
    cluster.startAll()
    cluster.run(untilMilliseconds: 5_000)
    record(cluster)
    cluster.read(0, at: 2)
    cluster.write(0, at: 1)
    cluster.run(untilMilliseconds: 8_500)
    try check(cluster, "silence-ends")
  }
}
