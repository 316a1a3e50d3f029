import Foundation
import EddyRaft
import EddyTiming
import Testing

/// Random faults over many seeds: the invariants hold at every step, and the cluster works once they end.
struct RaftCampaignTests {
  @Test(arguments: 0..<3) func everyCampaignIsSafeAndEndsWell(part: Int) {
    for seed in RaftCampaign.seeds ?? part * 50..<(part + 1) * 50 {
      if RaftCampaign.isVerbose { FileHandle.standardError.write(Data("seed \(seed)\n".utf8)) }
      if let failure = RaftCampaign(seed: seed).run() { Issue.record("seed \(seed): \(failure)") }
    }
  }
}

/// Twenty seconds of clients and faults that a seed determines.
final class RaftCampaign {
  static let isVerbose = ProcessInfo.processInfo.environment["RAFT_VERBOSE"] != nil
  /// The seeds to run instead, such as `RAFT_SEEDS=11`.
  static let seeds = ProcessInfo.processInfo.environment["RAFT_SEEDS"].flatMap(Int.init).map { $0..<$0 + 1 }
  private let cluster: RaftCluster
  private let nodes: Int
  private var random: TestRandom
  private let faultDuration = 20_000
  private var isPausedOrDown: [Bool]

  init(seed: Int) {
    random = TestRandom(seed: UInt64(seed) &* 7 + 3)
    nodes = [1, 2, 3, 3, 3, 4, 5, 7][random.within(0...7)]
    var options = RaftOptions()
    if random.chance(0.3) { options.compactionThreshold = 2_000 }
    if random.chance(0.2) { options.messageLimit = 64 }
    cluster = RaftCluster(count: nodes, seed: UInt64(seed), options: options)
    isPausedOrDown = Array(repeating: false, count: nodes)
    for node in 0..<nodes { cluster.drift[node] = random.within(-4_000...4_000) }
    if random.chance(0.5) { cluster.syncTime = 0...(random.chance(0.3) ? 200_000_000 : 5_000_000) }
  }

  /// Runs it. Returns what went wrong; nil if nothing did.
  func run() -> String? {
    let latency = [0, 1, 20, 100, 300][random.within(0...4)] * 1_000_000
    cluster.network.latency = (random.chance(0.5) ? 0 : latency)...latency
    let loss = random.chance(0.3) ? 0.1 : 0
    cluster.network.loss = loss
    cluster.network.duplication = random.chance(0.3) ? 0.1 : 0
    if Self.seeds != nil { cluster.transcript = [] }
    defer {
      if let transcript = cluster.transcript {
        try? transcript.joined(separator: "\n").write(toFile: "/tmp/raft.txt", atomically: true, encoding: .utf8)
      }
    }
    cluster.startAll()
    scheduleClients(until: faultDuration + 15_000)
    var time = 500
    while time < faultDuration {
      let fault = random.within(0...6)
      cluster.at(time) { [self] in inject(fault) }
      time += random.within(100...3_000)
    }
    cluster.at(faultDuration) { [self] in
      let latency = cluster.network.latency
      cluster.heal()
      cluster.network.latency = latency
      for node in 0..<nodes { recover(node) }
    }
    cluster.run(untilMilliseconds: faultDuration + 15_000)
    if let violation = cluster.violation { return violation }
    let before = cluster.completedCount
    for node in 0..<nodes { cluster.write(0, at: node); cluster.read(1, at: node) }
    cluster.run(untilMilliseconds: faultDuration + 25_000)
    if let violation = cluster.violation { return violation }
    if cluster.completedCount < before + 2 * nodes || cluster.pendingCount > 0 {
      return "not live: \(cluster.pendingCount) wait (\(cluster.processes.map { ($0?.reads.count ?? -1, $0?.writes.count ?? -1) })), completed \(cluster.completedCount - before), leader \(cluster.leader ?? -1), \(nodes) nodes, latency \(latency)"
    }
    return checkSilence()
  }

  private func checkSilence() -> String? {
    cluster.run(untilMilliseconds: faultDuration + 40_000)
    let before = cluster.messageCount
    cluster.run(untilMilliseconds: faultDuration + 60_000)
    return cluster.messageCount == before ? cluster.violation : "an idle cluster sends \(cluster.messageCount - before)"
  }

  private func scheduleClients(until end: Int) {
    var time = 10
    while time < end {
      let (node, key, isWrite) = (random.within(0...nodes - 1), random.within(0...3), random.chance(0.5))
      cluster.at(time) { [self] in isWrite ? cluster.write(key, at: node) : cluster.read(key, at: node) }
      time += random.chance(0.02) ? random.within(1...4_000) : random.within(1...100)
    }
  }

  private func inject(_ fault: Int) {
    let node = random.within(0...nodes - 1)
    switch fault {
    case 0: cluster.isolate([cluster.leader ?? node])
    case 1:
      cluster.isolate(Set((0..<nodes).filter { _ in random.chance(0.5) }))
    case 2:
      for a in 0..<nodes { for b in 0..<nodes where random.chance(0.3) { cluster.network.blocked.insert([a, b]) } }
    case 3: cluster.network.blocked = []
    case 4:
      if isPausedOrDown[node] { recover(node) } else {
        isPausedOrDown[node] = true
        cluster.kill(node)
      }
    case 5:
      if isPausedOrDown[node] { recover(node) } else {
        isPausedOrDown[node] = true
        cluster.pause(node)
      }
    default: cluster.transferLeadership()
    }
  }

  private func recover(_ node: Int) {
    guard isPausedOrDown[node] else { return }
    isPausedOrDown[node] = false
    if cluster.processes[node] == nil { cluster.start(node) } else { cluster.resume(node) }
  }
}
