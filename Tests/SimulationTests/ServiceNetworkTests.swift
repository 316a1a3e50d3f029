import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import Testing

/// How services take part in the network.
struct ServiceNetworkTests {
  /// Passes requests on to `lin-kv`.
  private final class Proxy: Handler {
    func receive(_ message: Message, on node: Node) throws(RPCError) {
      let (type, value): (StaticString, RawJSON?) =
        message.type == "write" ? ("write", try message.raw("value")) : ("read", nil)
      node.call("lin-kv", type: type) { body in
        body.field("key", "x")
        if let value { body.field("value", value) }
      } then: { result, node in
        switch result {
        case .success(let reply): node.reply(to: message, type: "done") { $0.field("reply", reply.rawBody) }
        case .failure(let error): node.reply(to: message, error: error)
        }
      }
    }
  }

  private func cluster() -> Simulation {
    Simulation(nodes: 2, seed: 1, latency: Latency(mean: 100)) { Proxy() }
  }

  @Test func requestsAndRepliesTakeTheLatencyBetweenNodes() throws {
    let cluster = cluster()
    try cluster.request("n0", "write", ["value": 7])
    #expect(cluster.now == .zero + .milliseconds(200))
    let reply = try cluster.request("n1", "read")
    #expect(reply["reply"]?["value"] == 7)
    #expect(cluster.now == .zero + .milliseconds(400))
  }

  @Test func noPartitionCutsAServiceOff() throws {
    let cluster = cluster()
    cluster.partition([[0], [1]])
    try cluster.request("n0", "write", ["value": 7])
    #expect(try cluster.request("n1", "read")["reply"]?["value"] == 7)
  }

  @Test func errorsAreAnsweredLikeAnyOther() {
    let cluster = cluster()
    #expect(throws: RPCError.keyDoesNotExist("key does not exist")) { try cluster.request("n0", "read") }
  }

  @Test func trafficWithServicesCountsAsTrafficBetweenServers() {
    let cluster = cluster()
    _ = try? cluster.request("n0", "write", ["value": 7])
    #expect(cluster.messages(ofType: "write").map(\.destination) == ["lin-kv"])
    #expect(cluster.messages(ofType: "write_ok").map(\.source) == ["lin-kv"])
  }
}
