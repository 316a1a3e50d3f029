import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming
import Testing

/// Two nodes and a client; 100 ms between the nodes.
@Suite struct ReceiversTests {
  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  /// A network whose n1 is sent one message at 0 ms.
  private func network(_ receivers: Receivers) throws -> Network {
    var network = Network(
      nodes: 2, latency: Latency(mean: 100), receivers: receivers, random: SeededGenerator(seed: 1))
    try send("slow", from: .node(0), to: .node(1), at: 0, in: &network)
    return network
  }

  private func send(
    _ type: String, from source: Network.Endpoint, to destination: Network.Endpoint, at time: Int,
    in network: inout Network
  ) throws {
    let line = #"{"src":"a","dest":"b","body":{"type":"\#(type)"}}"#
    network.send(Array(line.utf8), from: source, to: destination, at: Self.at(time))
  }

  /// The types of what is delivered at a time.
  private func delivered(at time: Int, in network: inout Network) -> [String] {
    var types: [String] = []
    while let envelope = network.deliver(at: Self.at(time)) { types.append(envelope.message.type) }
    return types
  }

  @Test func aRequestWaitsBehindTheMessageThatWasTaken() throws {
    var network = try network(.blocking)
    try send("request", from: .client(0), to: .node(1), at: 20, in: &network)
    #expect(delivered(at: 99, in: &network) == [])
    #expect(delivered(at: 100, in: &network) == ["slow", "request"])
  }

  @Test func aRequestPassesAMessageThatIsUnderWayIfReceiversAreIndependent() throws {
    var network = try network(.independent)
    try send("request", from: .client(0), to: .node(1), at: 20, in: &network)
    #expect(delivered(at: 20, in: &network) == ["request"])
    #expect(delivered(at: 100, in: &network) == ["slow"])
  }

  @Test func aReceiverTakesWhatIsDueFirst() throws {
    var network = try network(.blocking)
    try send("later", from: .node(0), to: .node(1), at: 50, in: &network)
    network.latency = Latency(mean: 5)
    try send("sooner", from: .node(0), to: .node(1), at: 60, in: &network)
    #expect(delivered(at: 100, in: &network) == ["slow", "sooner"])
    #expect(delivered(at: 150, in: &network) == ["later"])
  }

  @Test func receiversDoNotWaitForEachOther() throws {
    var network = try network(.blocking)
    try send("request", from: .client(0), to: .node(0), at: 20, in: &network)
    #expect(delivered(at: 20, in: &network) == ["request"])
  }

  @Test func aPartitionDropsWhatIsTakenDuringIt() throws {
    var network = try network(.blocking)
    try send("behind", from: .node(0), to: .node(1), at: 10, in: &network)
    network.partition = Partition(components: [[0], [1]], nodes: 2)
    #expect(delivered(at: 200, in: &network) == ["slow"], "it was taken before")
    network.partition = Partition(nodes: 2)
    #expect(network.nextDeadline == nil)
    try send("after", from: .node(0), to: .node(1), at: 300, in: &network)
    #expect(delivered(at: 400, in: &network) == ["after"])
  }

  @Test func aPartitionDropsWhatIsDueDuringItIfReceiversAreIndependent() throws {
    var network = try network(.independent)
    network.partition = Partition(components: [[0], [1]], nodes: 2)
    #expect(delivered(at: 200, in: &network) == [])
  }
}
