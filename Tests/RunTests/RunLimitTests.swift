import EddyNode
import EddyTiming
import Testing

@testable import EddyHistory
@testable import EddyNetwork
@testable import EddyRun
@testable import EddySimulation

/// Nodes that send or log without end cost a bounded amount of memory, and the run says who they are.
@Suite struct RunLimitTests {
  /// Sends every peer a message for each that it gets from one, at once and without end.
  private final class Storm: Handler {
    func receive(_ message: Message, on node: Node) throws(RPCError) {
      if message.type == "echo" { node.reply(to: message, type: "echo_ok") { $0.field("echo", 1) } }
      for peer in node.peers { node.send(to: peer, type: "rumour") }
    }
  }

  /// Logs a line each millisecond.
  private final class Chatterer: Handler {
    func start(on node: Node) { chatter(node) }

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      node.reply(to: message, type: "echo_ok") { $0.field("echo", 1) }
    }

    private func chatter(_ node: Node) {
      node.log(.error, "nothing to say")
      node.after(.milliseconds(1)) { self.chatter($0) }
    }
  }

  private func failure(
    nodes: Int, receivers: Receivers = .independent, latency: Latency.Distribution = .constant,
    limits: RunLimits, makeHandler: @escaping () -> any Handler
  ) -> (RunFailure?, TestRun) {
    var options = TestOptions(
      workload: "echo", nodes: TestOptions.nodeNames(nodes), timeLimit: .seconds(20),
      latency: Latency(mean: 10, distribution: latency))
    options.receivers = receivers
    let run = TestRun(options, workload: EchoWorkload(options))
    run.limits = limits
    SimulatedCluster(run) { _ in makeHandler() }.runToEnd()
    if case .failed(let failure) = run.phase { return (failure, run) }
    return (nil, run)
  }

  @Test(arguments: Receivers.allCases, Latency.Distribution.allCases)
  func aStormEndsTheRunAndItsSendersAreNamed(receivers: Receivers, distribution: Latency.Distribution) throws
  {
    var limits = RunLimits()
    limits.underWay = NetworkLoad(messages: 2_000, bytes: 1 << 30)
    let (failure, run) = failure(nodes: 5, receivers: receivers, latency: distribution, limits: limits) {
      Storm()
    }
    let words = try #require(failure).description
    #expect(run.network.load.messages == 2_001)
    #expect(words.contains("sent the last of 2,001 messages (0 MiB) that are under way at once"), "\(words)")
    #expect(words.contains("a run holds at most 2,000 or 1024 MiB of them"))
    #expect(words.contains("per operation), n"), "\(words)")
    #expect(words.contains(#" of them "rumour" to n"#), "\(words)")
  }

  @Test func bytesUnderWayAreBoundedToo() {
    var limits = RunLimits()
    limits.underWay = NetworkLoad(messages: 1_000_000, bytes: 10_000)
    let (failure, run) = failure(nodes: 5, limits: limits) { Storm() }
    #expect(failure != nil)
    #expect((10_001...10_200).contains(run.network.load.bytes))
  }

  @Test func alsoMessagesAtOneInstantNameTheirSenders() throws {
    var limits = RunLimits()
    limits.burst = 2_000
    let options = TestOptions(workload: "echo", nodes: ["n0", "n1", "n2"], latency: Latency(mean: 0))
    let run = TestRun(options, workload: EchoWorkload(options))
    run.limits = limits
    SimulatedCluster(run) { _ in Storm() }.runToEnd()
    guard case .failed(let failure) = run.phase else {
      Issue.record("the run ended as \(run.phase)")
      return
    }
    let words = "\(failure)"
    #expect(words.contains("The nodes sent 2,"), "\(words)")
    #expect(words.contains("Of the last 1,000 n"), "\(words)")
  }

  @Test func logsInMemoryAreBounded() throws {
    var limits = RunLimits()
    limits.logsInMemory = 10_000
    let (failure, _) = failure(nodes: 2, limits: limits) { Chatterer() }
    let words = try #require(failure).description
    #expect(words.contains("has logged"), "\(words)")
    #expect(words.contains("than the 0 MiB that a run keeps"), "\(words)")
  }

  @Test func whatAPausedNodeOfASimulationHasNotReadIsBounded() {
    let host = NodeHost(count: 1, seed: 1, logLevel: .info) { _ in Chatterer() }
    host.limits.unreadInput = 1_000
    var unread: [Int] = []
    host.failed = { cause, _ in
      if case .unreadInput(let bytes) = cause { unread.append(bytes) }
    }
    host.start(0)
    host.pause(0)
    let line = [UInt8](repeating: UInt8(ascii: " "), count: 300)
    for _ in 0..<4 { host.deliver(line, to: 0, at: .zero) }
    #expect(unread == [1_200])
    host.resume(0, at: .zero)
    host.pause(0)
    for _ in 0..<3 { host.deliver(line, to: 0, at: .zero) }
    #expect(unread == [1_200], "what it has read counts no more")
  }

  /// Whatever becomes of messages, what is counted as under way is what is there.
  @Test(arguments: Receivers.allCases, 0..<40)
  func theLoadIsWhatIsUnderWay(receivers: Receivers, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var network = Network(
      nodes: 3, latency: Latency(mean: 20, distribution: .uniform), receivers: receivers,
      random: random.split())
    var now = Instant.zero
    func send(from source: Network.Endpoint, to destination: Network.Endpoint, _ type: String) {
      let line = #"{"src":"a","dest":"b","body":{"type":"\#(type)","msg_id":1}}"#
      network.send(Array(line.utf8), from: source, to: destination, at: now)
    }
    for _ in 0..<300 {
      let node = random.below(3)
      switch random.below(12) {
      case 0: network.kill(node, at: now)
      case 1:
        network.kill(node, at: now)
        network.start(node)
        send(from: .client(0), to: .node(node), "init")
      case 2: network.admit(node)
      case 3: network.loss = random.below(2) == 0 ? 0 : 0.3
      case 4: network.duplication = random.below(2) == 0 ? 0 : 0.3
      case 5: network.partition.drop(from: node, to: random.below(3))
      case 6: network.partition = Partition(nodes: 3)
      case 7: send(from: .node(node), to: .service("lin-kv"), "read")
      case 8: send(from: .node(node), to: .client(1), "reply")
      default: send(from: .node(node), to: .node(random.below(3)), "gossip")
      }
      now = now + .milliseconds(random.below(8))
      while network.deliver(at: now) != nil {}
    }
    for node in 0..<3 { network.kill(node, at: now) }
    while network.deliver(at: now + .seconds(60)) != nil {}
    #expect(network.load == NetworkLoad())
  }
}
