import EddyRaft
import EddyTiming
import Foundation
import Testing

/// Random faults over many seeds: the invariants hold at every step, and the cluster works once they end.
struct RaftCampaignTests {
  @Test(arguments: 0..<3) func everyCampaignIsSafeAndEndsWell(part: Int) {
    for seed in part * 5..<(part + 1) * 5 {
      if let failure = RaftCampaign(seed: seed).run() { Issue.record("seed \(seed): \(failure)") }
    }
  }

  /// Seed 15: a leader whose appends to a follower were as many as may be under way, so that no append could tell the
  /// follower of a commit, sent rounds without end at one instant.
  @Test(arguments: [15]) func aSeedThatHasFailedOncePasses(seed: Int) {
    #expect(RaftCampaign(seed: seed).run() == nil)
  }

  /// For `make raft-campaign` and `mistakes.py`: the seeds of `RAFT_SEEDS`, such as `0..1999`, up to the first that
  /// fails. With a single seed, the messages are written to `RAFT_TRANSCRIPT`.
  @Test(.enabled(if: RaftCampaign.seeds != nil)) func theSeedsThatAreAskedFor() throws {
    let seeds = try #require(RaftCampaign.seeds)
    for seed in seeds {
      let campaign = RaftCampaign(seed: seed)
      let file = seeds.count == 1 ? ProcessInfo.processInfo.environment["RAFT_TRANSCRIPT"] : nil
      if file != nil { campaign.cluster.transcript = [] }
      let failure = campaign.run()
      if let file {
        try campaign.cluster.transcript?.joined(separator: "\n").write(
          toFile: file, atomically: true, encoding: .utf8)
      }
      if let failure {
        Issue.record("seed \(seed): \(failure)")
        return
      }
    }
  }
}

/// Twenty seconds of clients and faults that a seed determines.
final class RaftCampaign {
  /// The seeds of `RAFT_SEEDS`, such as `7` or `0..1999`; nil if it is not set.
  static let seeds = ProcessInfo.processInfo.environment["RAFT_SEEDS"].map { text in
    let bounds = text.split(separator: ".").compactMap { Int($0) }
    return bounds[0]...(bounds.last ?? bounds[0])
  }

  let cluster: RaftCluster
  private let nodes: Int
  private var random: TestRandom
  private let faultDuration = 20_000
  private var isPausedOrDown: [Bool]
  /// A node that loses its disk when it is killed; nil if none does.
  private var forgetfulNode: Int?
  /// Whether nodes are restarted just after they have said what they must not forget, with disks that take long.
  private let isHarsh: Bool

  init(seed: Int) {
    isHarsh = seed % 3 == 2
    random = TestRandom(seed: UInt64(seed) &* 7 + 3)
    nodes = [1, 2, 3, 3, 3, 4, 5, 7][random.within(0...7)]
    var options = RaftOptions()
    if random.chance(0.3) { options.compactionThreshold = 2_000 }
    if random.chance(0.2) { options.messageLimit = 64 }
    cluster = RaftCluster(count: nodes, seed: UInt64(seed), options: options)
    isPausedOrDown = Array(repeating: false, count: nodes)
    for node in 0..<nodes { cluster.drift[node] = random.within(-4_000...4_000) }
    if nodes > 2, random.chance(0.3) { forgetfulNode = random.within(0...nodes - 1) }
    if random.chance(0.5) { cluster.syncTime = 0...(random.chance(0.3) ? 200_000_000 : 5_000_000) }
  }

  /// Runs it. Returns what went wrong; nil if nothing did.
  func run() -> String? {
    let latency = [0, 1, 20, 100, 300][random.within(0...4)] * 1_000_000
    cluster.network.latency = (random.chance(0.5) ? 0 : latency)...latency
    let loss = random.chance(0.3) ? 0.1 : 0
    cluster.network.loss = loss
    cluster.network.duplication = random.chance(0.3) ? 0.1 : 0
    let lastLatency = cluster.network.latency
    if isHarsh { harden() }
    cluster.startAll()
    scheduleClients(until: faultDuration + 15_000)
    var time = 500
    while time < faultDuration {
      let fault = random.within(0...6)
      cluster.at(time) { [self] in inject(fault) }
      time += random.within(100...3_000)
    }
    cluster.at(faultDuration) { [self] in
      cluster.onSend = nil
      cluster.heal()
      cluster.network.latency = lastLatency
      for node in 0..<nodes { recover(node) }
    }
    cluster.run(untilMilliseconds: faultDuration + 15_000)
    if let violation = cluster.violation { return violation }
    let before = cluster.completedCount
    for node in 0..<nodes {
      cluster.write(0, at: node)
      cluster.read(1, at: node)
    }
    cluster.run(untilMilliseconds: faultDuration + 25_000)
    if let violation = cluster.violation { return violation }
    if cluster.completedCount < before + 2 * nodes || cluster.pendingCount > 0 {
      return "not live: \(cluster.pendingCount) requests wait, leader \(cluster.leader ?? -1)"
    }
    return checkSilence()
  }

  private func checkSilence() -> String? {
    cluster.run(untilMilliseconds: faultDuration + 40_000)
    let before = cluster.messageCount
    cluster.run(untilMilliseconds: faultDuration + 60_000)
    return cluster.messageCount == before
      ? cluster.violation : "an idle cluster sends \(cluster.messageCount - before)"
  }

  private func scheduleClients(until end: Int) {
    var time = 10
    while time < end {
      let (node, key, isWrite) = (random.within(0...nodes - 1), random.within(0...3), random.chance(0.5))
      cluster.at(time) { [self] in isWrite ? cluster.write(key, at: node) : cluster.read(key, at: node) }
      time += random.chance(0.02) ? random.within(1...4_000) : random.within(1...100)
    }
  }

  /// Makes what was said before it was stored, and what was stored and is forgotten, likely to matter.
  private func harden() {
    cluster.syncTime = 0...100_000_000
    // Requests for votes then arrive when a promise has ended and the term has not.
    if random.chance(0.5) { cluster.network.latency = 0...1_500_000_000 }
    cluster.onSend = { [unowned self] message, sender in
      switch message.body {
      case .vote(let vote) where vote.isGranted && !vote.isPreliminary && random.chance(0.3): restart(sender)
      case .voteRequest(let request) where !request.isPreliminary && random.chance(0.1): restart(sender)
      case .report(let report) where report.outcome != .none && random.chance(0.01): restart(sender)
      default: break
      }
    }
  }

  /// Kills a node that has just sent something, and starts it again a little later.
  private func restart(_ node: Int) {
    cluster.schedule(
      after: random.within(0...20_000_000),
      .run { [unowned self] in
        guard !isPausedOrDown[node] else { return }
        cluster.kill(node)
        cluster.schedule(
          after: random.within(0...20_000_000),
          .run { [unowned self] in
            if cluster.processes[node] == nil, !isPausedOrDown[node] {
              cluster.start(node, lost: node == forgetfulNode)
            }
          })
      })
  }

  private func inject(_ fault: Int) {
    let node = random.within(0...nodes - 1)
    switch fault {
    case 0: cluster.isolate([cluster.leader ?? node])
    case 1:
      cluster.isolate(Set((0..<nodes).filter { _ in random.chance(0.5) }))
    case 2:
      for a in 0..<nodes {
        for b in 0..<nodes where random.chance(0.3) { cluster.network.blocked.insert([a, b]) }
      }
    case 3: cluster.network.blocked = []
    case 4:
      if isPausedOrDown[node] {
        recover(node)
      } else {
        isPausedOrDown[node] = true
        cluster.kill(node)
      }
    case 5:
      if isPausedOrDown[node] {
        recover(node)
      } else {
        isPausedOrDown[node] = true
        cluster.pause(node)
      }
    default: cluster.transferLeadership()
    }
  }

  private func recover(_ node: Int) {
    guard isPausedOrDown[node] else { return }
    isPausedOrDown[node] = false
    if cluster.processes[node] == nil {
      cluster.start(node, lost: node == forgetfulNode)
    } else {
      cluster.resume(node)
    }
  }
}
