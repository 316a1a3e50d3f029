import EddySimulationTesting
import Testing

@testable import Lock

/// A cluster in virtual time: a second costs no second, and the seed decides everything.
private func makeCluster(seed: UInt64 = 1) -> Simulation {
  Simulation(nodes: 3, seed: seed, latency: Latency(mean: 10)) { LockNode() }
}

@Test func aLockIsFreeAgainWhenItIsReleased() throws {
  let cluster = makeCluster()
  #expect(try cluster.request("n0", "acquire", ["name": "printer"])["token"] == 1)
  try cluster.request("n1", "release", ["name": "printer", "token": 1])
  #expect(try cluster.request("n2", "acquire", ["name": "printer"])["token"] == 2)
}

@Test func aLockThatIsRenewedIsNotGivenAway() throws {
  let cluster = makeCluster()
  try cluster.request("n0", "acquire", ["name": "printer"])
  cluster.post("n0", "renew", ["name": "printer", "token": 1])
  let error = #expect(throws: RPCError.self) { try cluster.request("n1", "acquire", ["name": "printer"]) }
  #expect(error?.name == "precondition-failed")
}

@Test func aLockOutlivesTheNodeThatGaveItAndThenExpires() throws {
  let cluster = makeCluster()
  try cluster.request("n0", "acquire", ["name": "printer"])
  cluster.kill(0)
  let granted = cluster.now
  #expect(try cluster.request("n1", "acquire", ["name": "printer"])["token"] == 2)
  #expect(cluster.now >= granted + LockNode.leaseLength)
}

@Test func aHolderThatComesTooLateIsRefused() throws {
  let cluster = makeCluster()
  try cluster.request("n0", "acquire", ["name": "printer"])
  try cluster.request("n1", "acquire", ["name": "printer"])
  let error = #expect(throws: RPCError.self) {
    try cluster.request("n0", "renew", ["name": "printer", "token": 1])
  }
  #expect(error?.name == "precondition-failed")
}

@Test(arguments: 1...20 as ClosedRange<UInt64>)
func ofTwoPartitionedNodesThatAskAtOnceOneGetsTheLock(seed: UInt64) throws {
  let cluster = makeCluster(seed: seed)
  // Nodes do not hear each other; `lin-kv` hears all of them.
  cluster.partition([[0], [1], [2]])
  for node in cluster.nodes { cluster.post(node, "acquire", ["name": "printer"]) }
  cluster.advance(by: .milliseconds(500))
  let replies = cluster.journal.messages.map(\.message.type)
  #expect(replies.count { $0 == "acquire_ok" } == 1)
}
