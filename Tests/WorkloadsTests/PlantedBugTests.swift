import Node
import Testing
import Timing
import Workbench
import Workloads

/// Wrong nodes, each wrong in a known way: simulation must find them, and the shrinker must take
/// the failing run down to something a person can read.
@Suite struct PlantedBugTests {
  /// Floods its values, but forgets every tenth message it should send.
  private final class ForgetfulBroadcast: Workload {
    private var values: [RawJSON] = []
    private var sent = 0

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      switch message.type {
      case "broadcast":
        try learn(message.raw("message"), on: node)
        node.reply(to: message, type: "broadcast_ok")
      case "flood": try learn(message.raw("message"), on: node)
      case "read": node.reply(to: message, type: "read_ok") { [values] in $0.field("messages", values) }
      case "topology": node.reply(to: message, type: "topology_ok")
      default: throw .notSupported(message.type)
      }
    }

    private func learn(_ value: RawJSON, on node: Node) {
      guard !values.contains(value) else { return }
      values.append(value)
      for peer in node.peers {
        sent += 1
        if sent % 10 != 0 { node.send(to: peer, type: "flood") { $0.field("message", value) } }
      }
    }
  }

  /// Answers every third read with its last value twice.
  private final class StutteringBroadcast: Workload {
    private let inner = Broadcast()
    private var values: [RawJSON] = []
    private var reads = 0

    func start(on node: Node) { inner.start(on: node) }

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      if message.type == "broadcast" { values.append(try message.raw("message")) }
      guard message.type == "read" else { return try inner.receive(message, on: node) }
      reads += 1
      let copies = reads % 3 == 0 ? values + values.suffix(1) : values
      node.reply(to: message, type: "read_ok") { $0.field("messages", copies) }
    }
  }

  /// Gives out its index and a count, but the count is taken from the clock's seconds.
  private final class RepeatingIDs: Workload {
    func receive(_ message: Message, on node: Node) throws(RPCError) {
      node.reply(to: message, type: "generate_ok") {
        $0.field("id", node.now.nanoseconds / 1_000_000_000 * 100 + Int64(node.index))
      }
    }
  }

  /// Changes every fifth payload.
  private final class ForgetfulEcho: Workload {
    private var count = 0

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      let payload = try message.string("echo")
      count += 1
      node.reply(to: message, type: "echo_ok") { $0.field("echo", count % 5 == 0 ? payload + "!" : payload) }
    }
  }

  private static let bugs: [(workload: String, symptom: String, make: @Sendable () -> any Workload)] = [
    ("broadcast", "lost", { ForgetfulBroadcast() }),
    ("broadcast", "duplicated", { StutteringBroadcast() }),
    ("unique-ids", "duplicated", { RepeatingIDs() }),
    ("echo", "changed", { ForgetfulEcho() }),
  ]

  @Test(arguments: bugs.indices)
  func simulationFindsItAndShrinksIt(index: Int) throws {
    let (workload, symptom, make) = Self.bugs[index]
    func fails(_ plan: SimulationPlan) -> Bool { plan.run { _ in make() }?.symptom == symptom }

    let failing = (1...100 as ClosedRange<UInt64>).lazy
      .map { SimulationPlan.swarm(workload: workload, faults: [.partition], seed: $0) }.first(where: fails)
    let plan = try #require(failing, "no seed found it")
    var shrinker = Shrinker(fails: fails)
    let smallest = shrinker.shrink(plan)
    let outcome = try #require(smallest.run { _ in make() })
    #expect(outcome.symptom == symptom)
    #expect(smallest.options.nodes.count <= 5)
    #expect(outcome.run.progress.invoked - smallest.options.concurrency <= 10)
    #expect(outcome.results.anomalies.first?.operations.isEmpty == false)
  }
}
