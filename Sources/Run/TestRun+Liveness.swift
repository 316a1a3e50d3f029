import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming

/// What one client has its node answer when all faults have healed.
struct Probe {
  /// In this order; a client that loses its session begins again.
  let functions: [String]
  /// How many have been answered.
  var answered = 0
  /// True once there is no time left for another attempt.
  var isExpired = false

  var isOver: Bool { isExpired || answered == functions.count }
}

// MARK: - Liveness

extension TestRun {
  /// How long a client waits before it tries again.
  private static let pauseBetweenProbes = Duration.milliseconds(100)

  /// Heals everything, and has clients of their own ask every node for every function.
  ///
  /// They are ordinary operations, which all checkers judge. An entry of the nemesis marks their
  /// beginning: ``LivenessChecker`` reads from it what is demanded.
  func beginLiveness(_ bound: Duration) {
    heal()
    phase = .liveness
    let probes = workload.probedFunctions
    history.append(LivenessChecker.demand(probes.joined(), of: options.nodes, within: bound, at: relativeNow))
    processFloor = (workers.map(\.process).max() ?? 0) + 1
    let first = workers.count
    for node in options.nodes.indices {
      for functions in probes { openProbe(functions, on: node) }
    }
    _ = schedule(.endOfLiveness, at: now + bound)
    for worker in first..<workers.count { probe(worker) }
  }

  private func openProbe(_ functions: [String], on node: Int) {
    let process = takeProcess()
    var worker = Worker(
      thread: workers.count, process: process, node: node, client: open(.worker(workers.count)),
      session: workload.makeClient(process: process, node: options.nodes[node]))
    worker.probe = Probe(functions: functions)
    workers.append(worker)
  }

  /// The number of a new process, greater than all others.
  func takeProcess() -> Int {
    defer { processFloor += 1 }
    return processFloor
  }

  /// Invokes what a node has yet to answer.
  func probe(_ worker: Int) {
    guard phase == .liveness, let probe = workers[worker].probe, !probe.isOver else { return }
    invoke(workload.invocation(of: probe.functions[probe.answered], &random), on: worker)
  }

  /// Goes on with the next function, or tries again.
  func probeEnded(_ outcome: Outcome, on worker: Int) {
    switch outcome {
    case .ok: workers[worker].probe?.answered += 1
    case .fail: break
    case .info: workers[worker].probe?.answered = 0
    }
    if case .ok = outcome { return probe(worker) }
    if workers[worker].probe?.isOver == false {
      _ = schedule(.probe(worker: worker), at: now + Self.pauseBetweenProbes)
    }
  }

  /// There is no time for another attempt. What is under way may still end.
  func endProbes() {
    guard phase == .liveness else { return }
    for worker in workers.indices { workers[worker].probe?.isExpired = true }
    drained()
  }

  /// Dismisses the clients.
  func closeProbes() {
    for worker in workers where worker.probe != nil { clients[worker.client] = nil }
    workers.removeAll { $0.probe != nil }
  }
}
