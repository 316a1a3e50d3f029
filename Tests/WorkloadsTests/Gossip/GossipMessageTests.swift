import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

@Suite struct GossipMessageTests {
  @Test func everyFieldSurvivesTheWire() throws {
    let message = GossipMessage(
      incarnation: 7, receiver: 9, stamp: Timestamp(microseconds: 123_456),
      echo: .init(stamp: Timestamp(microseconds: 99), held: .microseconds(5)), parent: 2,
      route: RootRoute(root: 0, depth: 1, rootStamp: Timestamp(microseconds: 40)),
      round: .init(
        number: 3, due: .milliseconds(350), batchOffset: .microseconds(8), isKeepalivePromised: true),
      entries: [
        .init(
          origin: Origin(node: 0, incarnation: 5), first: 2, content: .entries([RawJSON(17), RawJSON(19)])),
        .init(origin: Origin(node: 0, incarnation: 5), first: 4, content: .forgotten(3)),
        .init(origin: Origin(node: 0, incarnation: 5), first: 7, content: .entries([RawJSON(23)])),
      ],
      acknowledgements: [.init(origin: Origin(node: 1, incarnation: 11), count: 4)],
      flags: [.complete, .push, .urgent, .replyRequested], tree: .star(3))
    var writer = JSONWriter()
    writer.object {
      $0.field("src", "n1")
      $0.field("dest", "n2")
      $0.field("body") {
        $0.object { body in
          body.field("type", "gossip")
          message.write(to: &body)
        }
      }
    }
    #expect(try GossipMessage(Message(parsing: writer.bytes), nodes: 3) == message)
  }

  @Test(arguments: [
    "", #","incarnation":1,"at":1"#, #","incarnation":1,"at":1,"route":[1,2]"#,
    #","incarnation":1,"at":1,"route":[0,0,0],"entries":[[1,2]]"#,
    #","incarnation":1,"at":1,"route":[0,0,0],"entries":7"#,
    #","incarnation":1,"at":1,"route":[0,0,0],"acks":[["x",1,1]]"#,
  ])
  func malformedGossipIsRefusedOrHarmless(fields: String) throws {
    let line = #"{"src":"n1","dest":"n2","body":{"type":"gossip"\#(fields)}}"#
    if let message = try? GossipMessage(Message(parsing: line), nodes: 3) {
      #expect(message.entries.allSatisfy { $0.content.count == 0 })
    }
  }

  /// A node must not trap, whatever a peer of another version, or one gone mad, sends it.
  @Test(arguments: [
    #""parent":5"#, #""parent":-1"#, #""route":[2,0,0]"#, #""route":[-1,0,0]"#,
    #""route":[0,9223372036854775807,0]"#, #""route":[0,1,9223372036854775807]"#,
    #""at":9223372036854775807"#, #""at":-9223372036854775808"#,
    #""echo":[9223372036854775807,0]"#, #""echo":[0,-9223372036854775808]"#,
    #""round":[9223372036854775807,0,0]"#, #""round":[0,9223372036854775807,0]"#,
    #""round":[0,0,-9223372036854775808]"#, #""entries":[[2,1,0,17]]"#,
    #""entries":[[1,1,9223372036854775807,17]]"#,
    #""entries":[[1,1,-1,17]]"#, #""entries":[[1,-1,0,17]]"#, #""incarnation":9223372036854775807"#,
    #""to":-1"#,
    #""forgotten":[[1,1,0,9223372036854775807]]"#, #""forgotten":[[1,1,0,-1]]"#, #""tree":[0]"#,
    #""tree":[1,0]"#, #""tree":[-1,-1]"#, #""tree":[-1,2]"#, #""acks":[[-1,1,1]]"#,
    #""acks":[[1,1,9223372036854775807]]"#,
  ])
  func numbersBeyondReasonAreRefused(field: String) throws {
    let node = ScriptedNode(Broadcast())
    var body: JSONObject = ["incarnation": 9, "at": 5, "route": [0, 1, 0], "parent": 0]
    guard case .object(let strange) = try JSONValue(parsing: "{\(field)}") else { return }
    for (name, value) in strange { body[name] = value }
    node.receive("gossip", body, from: "n1")
    #expect(try node.take("error")?.integer("code") == 12)
    node.advance(by: .seconds(5))
    node.receive("read")
    #expect(try node.take("read_ok")?.value("messages") == [])
  }
}
