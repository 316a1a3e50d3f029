import EddyRaft
import EddyTiming
import Testing

/// How long, in virtual time, nothing is committed after the leader is lost, at 100 ms between nodes.
struct FailoverTests {
  @Test(arguments: [(3, true), (3, false), (5, true), (5, false)])
  func theMajorityGoesOnWithinASecondOrALittleMore(count: Int, isKilled: Bool) throws {
    var longest = 0
    for moment in stride(from: 2_000, to: 2_400, by: 40) {
      let cluster = RaftCluster(count: count, seed: UInt64(moment))
      cluster.network.latency = 100_000_000...100_000_000
      cluster.startAll()
      cluster.run(untilMilliseconds: moment - 300)
      let leader = try #require(cluster.leader)
      cluster.write(0, at: leader)
      cluster.run(untilMilliseconds: moment)
      if isKilled { cluster.kill(leader) } else { cluster.isolate([leader]) }
      let term = cluster.processes.compactMap { $0?.raft.term }.max()!
      var time = moment
      // The first entry of the new leader's term is committed: from then on so are commands.
      while !isCommitted(after: term, in: cluster) {
        time += 10
        cluster.run(untilMilliseconds: time)
        try #require(time < moment + 5_000)
      }
      longest = max(longest, time - moment)
      #expect(cluster.violation == nil)
    }
    // With three nodes the vote of the first one that suspects the leader is enough.
    #expect(longest <= (count == 3 ? 1_000 : 1_200), "\(longest) ms")
  }

  private func isCommitted(after term: Int, in cluster: RaftCluster) -> Bool {
    cluster.processes.contains { process in
      guard let raft = process?.raft, raft.isLeader, raft.term > term else { return false }
      return raft.commit == raft.lastPosition.index
    }
  }
}
