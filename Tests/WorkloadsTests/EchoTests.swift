import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

@Suite struct EchoTests {
  @Test(arguments: [#""text""#, "null", "1.50", "9223372036854775807", #"{"a":[1,{"b":"\u00e9\n"}]}"#, "[]"])
  func payloadComesBackAsItWasWritten(payload: String) {
    let node = Node(Echo(), seed: 1)
    node.receive(
      #"{"src":"c1","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}"#,
      at: .zero)
    node.drainOutput { _ in }
    node.receive(#"{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":2,"echo":\#(payload)}}"#, at: .zero)
    var output = ""
    node.drainOutput { output = String(decoding: $0, as: UTF8.self) }
    #expect(
      output == #"{"src":"n1","dest":"c1","body":{"type":"echo_ok","in_reply_to":2,"echo":\#(payload)}}"#
        + "\n")
  }

  @Test func echoWithoutPayloadGetsError12() throws {
    let cluster = Simulation(nodes: 1, seed: 1) { Echo() }
    let error = #expect(throws: RPCError.self) { try cluster.request("n0", "echo") }
    #expect(error?.code == 12)
  }
}
