import EddyHistory
import EddyNetwork
import EddyNode
import EddyRegistry
import EddyRun
import EddySimulation
import EddyTiming
import Testing

/// What nodes are handed while they start.
@Suite struct StartupTests {
  /// A node that has yet to answer its `init` is handed that, and answers to what it has asked itself.
  @Test(arguments: HandlerRegistry.all.map { $0.workload })
  func nothingButInitReachesANodeBeforeItsInitOK(workload: String) throws {
    let makeHandler = try #require(try HandlerRegistry.factory(workload, arguments: []))
    var restarts = 0
    for seed in 1...10 as ClosedRange<UInt64> {
      var plan = try SimulationPlan.promised(workload, faults: [.kill], seed: seed)
      plan.options.faults = [.kill]
      plan.options.nemesisInterval = .milliseconds(300)
      plan.options.timeLimit = .seconds(3)
      let run = try #require(plan.run { _ in makeHandler() }).run
      restarts += run.history.operations.count { $0.function == "start" }
      #expect(Self.earlyMessages(of: run) == [], "seed \(seed)")
    }
    #expect(restarts > 50)
  }

  /// The types of what nodes were handed between their start and their `init_ok`, or while they were down.
  private static func earlyMessages(of run: TestRun) -> [String] {
    let journal = run.network.journal
    let messages = journal.messages.map(\.message)
    /// What each node has asked since its `init` was sent.
    var requests: [String: Set<Int>] = [:]
    var downtimes: [String: [ClosedRange<Instant>]] = [:]
    for fault in run.history.downtimes(origin: run.origin) {
      downtimes[fault.node, default: []].append(fault.time)
    }
    var early: [String] = []
    for event in journal.events {
      let message = messages[event.message]
      switch event.kind {
      case .sent:
        if message.type == "init" { requests[message.destination] = [] }
        if let id = message.id { requests[message.source]?.insert(id) }
      case .received:
        if message.type == "init_ok" { requests[message.source] = nil }
        let isDown = downtimes[message.destination]?.contains {
          $0.lowerBound < event.time && event.time < $0.upperBound
        }
        let isAnswer = message.inReplyTo.map { requests[message.destination]?.contains($0) == true } ?? false
        let isEarly = requests[message.destination] != nil && message.type != "init" && !isAnswer
        if isEarly || isDown == true {
          early.append("\(message.type) to \(message.destination) at \(event.time)")
        }
      case .dropped: break
      }
    }
    return early
  }
}

extension History {
  /// When each node was down, on the run's clock.
  fileprivate func downtimes(origin: Instant) -> [(node: String, time: ClosedRange<Instant>)] {
    var since: [String: Instant] = [:]
    var downtimes: [(node: String, time: ClosedRange<Instant>)] = []
    for entry in operations where entry.process == .nemesis {
      guard case .array(let names)? = entry.value?.decoded() else { continue }
      let time = origin + (entry.time - .zero)
      for case .string(let name) in names {
        if entry.function == "kill" { since[name] = time }
        if entry.function == "start", let start = since.removeValue(forKey: name) {
          downtimes.append((name, start...time))
        }
      }
    }
    return downtimes
  }
}
