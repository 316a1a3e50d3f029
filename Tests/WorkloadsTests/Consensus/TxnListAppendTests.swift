import EddyNetwork
import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// Transactions on replicated lists as their clients see them.
@Suite struct TxnListAppendTests {
  private func cluster(_ nodes: Int) -> Simulation {
    let cluster = Simulation(nodes: nodes, seed: 7, latency: Latency(mean: 10)) { TxnListAppend() }
    cluster.advance(by: .seconds(1))
    return cluster
  }

  @Test func aTransactionSeesItsOwnAppendsAndThoseBefore() throws {
    let cluster = cluster(3)
    #expect(
      try cluster.request("n1", "txn", ["txn": [["append", 1, "a"], ["r", 1, nil], ["r", 2, nil]]])["txn"]
        == [["append", 1, "a"], ["r", 1, ["a"]], ["r", 2, nil]])
    #expect(
      try cluster.request("n2", "txn", ["txn": [["r", 1, nil], ["append", 1, [2]], ["r", 1, nil]]])["txn"]
        == [["r", 1, ["a"]], ["append", 1, [2]], ["r", 1, ["a", [2]]]])
    for node in cluster.nodes {
      #expect(try cluster.request(node, "txn", ["txn": [["r", 1, nil]]])["txn"] == [["r", 1, ["a", [2]]]])
    }
    #expect(try cluster.request("n0", "txn", ["txn": []])["txn"] == [])
  }

  @Test(
    arguments: [
      [["append", 1]], [["w", 1, 2]], "txn", [[1, 2, 3]],
    ] as [JSONValue]) func aMalformedTransactionGetsErrorTwelve(transaction: JSONValue)
  {
    let cluster = cluster(1)
    #expect(throws: RPCError.self) { try cluster.request("n0", "txn", ["txn": transaction]) }
  }
}
