import EddySimulationTesting
import Testing

@testable import Greeter

@Test func eachGreetingIsCounted() throws {
  let cluster = Simulation(nodes: 1, seed: 1) { Greeter() }
  try cluster.request("n0", "greet", ["name": "Ada"])
  let reply = try cluster.request("n0", "greet", ["name": "Grace"])
  #expect(reply["greeting"] == "Hello, Grace!")
  #expect(reply["count"] == 2)
}

@Test func aGreetingNeedsAName() {
  let cluster = Simulation(nodes: 1, seed: 1) { Greeter() }
  #expect(throws: RPCError.self) { try cluster.request("n0", "greet") }
}
