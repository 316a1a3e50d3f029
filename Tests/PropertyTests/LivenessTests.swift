import EddyCheckers
import EddyHistory
import EddyNode
import EddyRegistry
import EddyRun
import EddySimulation
import EddyTiming
import Testing

/// Nodes that stop answering violate nothing that is read of them; a swarm has to see it all the same.
@Suite struct LivenessTests {
  private static let workloads = HandlerRegistry.all.map { $0.workload }

  /// When a node goes silent.
  enum Trigger: CaseIterable, Sendable {
    /// When it has not heard from another node for some time, and then does.
    case afterAPartition
    /// When it is started for the second time.
    case afterARestart
    /// When it has been asked so often.
    case afterTwentyMessages

    /// The faults that provoke it.
    var faults: [Fault] {
      switch self {
      case .afterAPartition: [.partition]
      case .afterARestart: [.kill]
      case .afterTwentyMessages: []
      }
    }
  }

  @Test(arguments: workloads, Trigger.allCases)
  func aNodeThatGoesSilentIsFound(workload: String, trigger: Trigger) throws {
    var found: Anomaly?
    for seed in 1...30 as ClosedRange<UInt64> where found == nil {
      let plan = try SimulationPlan.promised(workload, faults: trigger.faults, seed: seed)
      found = try run(plan, trigger).results.liveness?.anomalies.first
    }
    let anomaly = try #require(found, "no seed found it")
    #expect(anomaly.name == "unresponsive")
    let example = try #require(anomaly.examples.first).explanation
    let said = try #require(
      example.firstMatch(of: /(n\d) answered no `(\w+)` within 10 s after all faults had healed/))
    // Of several unanswered requests the summary names nodes, functions and the bound as well.
    #expect(anomaly.explanation.contains(said.1))
    #expect(anomaly.explanation.contains("`\(said.2)`"))
    #expect(anomaly.explanation.contains("within 10 s after all faults had healed"))
  }

  /// The nodes of a plan with a planted bug.
  private func run(_ plan: SimulationPlan, _ trigger: Trigger) throws -> SimulationOutcome {
    let makeHandler = try #require(try HandlerRegistry.factory(plan.options.workload, arguments: []))
    var starts: [Int: Int] = [:]
    let outcome = plan.run { node in
      starts[node, default: 0] += 1
      return Mute(makeHandler(), trigger, starts: starts[node]!)
    }
    return try #require(outcome)
  }

  /// Nobody answers anything, from the start.
  private final class Deaf: Handler {
    func receive(_ message: Message, on node: Node) throws(RPCError) {
      if message.type == "topology" { node.reply(to: message, type: "topology_ok") }
    }
  }

  @Test(arguments: workloads)
  func nodesThatNeverAnswerFailFromEverySeed(workload: String) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let plan = try SimulationPlan.promised(workload, faults: [], seed: seed)
      let outcome = try #require(plan.run { _ in Deaf() })
      #expect(outcome.symptom != nil, "seed \(seed)")
      #expect(outcome.results.validity == .invalid)
      let functions = Set(outcome.run.history.operations.filter(\.isClient).map(\.function))
      let unanswered = outcome.results.liveness?.anomalies.count ?? 0
      #expect(unanswered > 0 && functions.isEmpty == false)
    }
  }

  /// What is asked then is asked of every node, and is part of the history.
  @Test(arguments: workloads)
  func everyNodeIsAskedEveryFunction(workload: String) throws {
    let makeHandler = try #require(try HandlerRegistry.factory(workload, arguments: []))
    var options = TestOptions(
      workload: workload, nodes: TestOptions.nodeNames(4), concurrency: 1, timeLimit: .seconds(2),
      faults: [.partition], nemesisInterval: .seconds(10), seed: 7)
    options.consistencyModels = [.readAtomic]
    options.livenessBound = .seconds(3)
    let outcome = try #require(SimulationPlan(options).run { _ in makeHandler() })
    #expect(outcome.results.liveness?.validity == .valid)
    #expect(outcome.symptom == nil)
    let operations = outcome.run.history.operations
    let start = try #require(operations.firstIndex { $0.function == "liveness" })
    #expect(operations[start - 1].function == "stop-partition", "all faults have healed")
    let asked = operations[start...].filter { $0.kind == .ok && !$0.isFinal }
    for function in try #require(WorkloadRegistry.workload(options)).probedFunctions.joined() {
      #expect(Set(asked.filter { $0.function == function }.compactMap(\.node)) == Set(options.nodes))
    }
    let invoked = operations.filter { $0.kind == .invoke }.map(\.process)
    let crashed = operations.filter { $0.isClient && $0.kind == .info }
    for crash in crashed {
      #expect(operations[(crash.index + 1)...].allSatisfy { $0.process != crash.process })
    }
    #expect(invoked.count == operations.filter { $0.isClient && $0.kind != .invoke }.count)
  }
}

/// A node that does what another does until it goes silent.
private final class Mute: Handler {
  private let inner: any Handler
  private let trigger: LivenessTests.Trigger
  private var isMute: Bool
  private var received = 0
  private var heard: [String: Instant] = [:]

  /// - Parameter starts: How often the node has been started.
  init(_ inner: any Handler, _ trigger: LivenessTests.Trigger, starts: Int) {
    self.inner = inner
    self.trigger = trigger
    isMute = trigger == .afterARestart && starts > 1
  }

  func start(on node: Node) {
    if !isMute { inner.start(on: node) }
    guard trigger == .afterAPartition else { return }
    node.every(.milliseconds(250)) { node in
      for peer in node.peers { node.send(to: peer, type: "alive") }
    }
  }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    if message.type == "alive" { return hear(message.source, node) }
    received += 1
    if trigger == .afterTwentyMessages, received > 20 { isMute = true }
    if !isMute { try inner.receive(message, on: node) }
  }

  private func hear(_ peer: String, _ node: Node) {
    if let last = heard[peer], node.now - last > .seconds(1) { isMute = true }
    heard[peer] = node.now
  }
}
