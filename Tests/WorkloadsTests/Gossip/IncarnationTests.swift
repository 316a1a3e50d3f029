import EddyNode
import EddyTiming
import EddyWorkloads
import Testing

/// What a node makes of messages that are about a former incarnation, its own or a peer's.
@Suite struct IncarnationTests {
  /// The first messages to a peer within some seconds in which nobody answers.
  private func messages(to peer: String, _ node: ScriptedNode, within seconds: Int = 6) -> [Message] {
    node.advance(by: .seconds(seconds))
    var messages: [Message] = []
    while let message = node.take("gossip") { if message.destination == peer { messages.append(message) } }
    return messages
  }

  /// A root that was started again took an acknowledgement that was under way to its former incarnation for a
  /// sign that its peer knows it, and said nothing any more.
  @Test(arguments: [JSONValue.null, [[0, 187, 6]]])
  func anAcknowledgementToAFormerIncarnationIsPulledAfter(have: JSONValue) throws {
    let node = ScriptedNode(Broadcast())
    node.receive(
      "gossip",
      [
        "incarnation": 7, "to": 187, "at": 1, "route": [0, 1, 0], "parent": 0,
        "acks": have == .null ? [] : have,
      ],
      from: "n1")
    let asked = messages(to: "n1", node)
    #expect(asked.contains { $0.contains("reply") && $0.contains("complete") })
    #expect(asked.count > 1, "until it is answered")
  }

  /// What a peer has and nobody sends is asked for, whoever told of it.
  @Test func whatAPeerHasIsPulledUntilItComes() throws {
    let node = ScriptedNode(Broadcast(), place: 1, of: 2)
    let root = ScriptedPeer("n0", route: [0, 0, 1])
    root.say([:], to: node)
    root.hear(try #require(messages(to: "n0", node).first))
    root.say(["acks": [[0, root.incarnation, 2]]], to: node)
    #expect(messages(to: "n0", node).contains { $0.contains("reply") })
    root.say(["entries": [[0, root.incarnation, 0, "a", "b"]]], to: node)
    _ = messages(to: "n0", node)
    #expect(messages(to: "n0", node).isEmpty, "it has it now")
    node.receive("read")
    #expect(try node.take("read_ok")?.value("messages") == ["a", "b"])
  }

  /// Incarnations were drawn at random, so that any other than the last was a new one.
  @Test func aLateMessageOfAFormerIncarnationIsNoRestart() throws {
    let node = ScriptedNode(Broadcast(), place: 0, of: 2)
    func hear(_ incarnation: Int, at stamp: Int, _ fields: JSONObject = [:]) {
      var fields = fields
      fields["incarnation"] = JSONValue(incarnation)
      fields["at"] = JSONValue(stamp)
      fields["route"] = [0, 1, 0]
      fields["parent"] = 0
      node.receive("gossip", fields, from: "n1")
    }
    node.receive("broadcast", ["message": "known"])
    hear(300, at: 1)
    let round = try #require(node.take("gossip"))
    let own = try round.value("incarnation")
    hear(300, at: 2, ["to": own, "acks": [[0, own, 1]]])
    _ = messages(to: "n1", node)
    // What it had not told before it was killed counts still; that it has nothing does not.
    hear(200, at: 9, ["complete": true, "acks": [], "entries": [[1, 200, 0, "late"]]])
    let answers = messages(to: "n1", node)
    #expect(answers.allSatisfy { !$0.description.contains("known") }, "the peer has it")
    node.receive("read")
    #expect(try node.take("read_ok")?.value("messages") == ["known", "late"])
  }

  /// A clock can go back while a node is down. Its peers tell it of the later incarnation that they know.
  @Test func aNodeTakesALaterIncarnationThanItsPeersKnow() throws {
    let node = ScriptedNode(Broadcast(), place: 1, of: 2)
    let root = ScriptedPeer("n0", route: [0, 0, 1])
    node.receive("broadcast", ["message": "early"])
    let first = try #require(node.take("gossip")).integer("incarnation")
    node.receive(
      "gossip",
      ["incarnation": root.incarnation, "to": JSONValue(first + 1000), "at": 1, "route": [0, 0, 1]],
      from: "n0")
    let later = messages(to: "n0", node)
    #expect(try #require(later.last).integer("incarnation") > first + 1000)
    #expect(later.contains { $0.description.contains("early") }, "what it was given before is sent still")
  }

  /// A peer that has taught this node nothing must not be taken for one that lacks nothing.
  @Test func aMessageToAFormerIncarnationPassesOverNothing() throws {
    let node = ScriptedNode(Broadcast(), place: 1, of: 2)
    node.receive(
      "gossip",
      [
        "incarnation": 7, "to": 3, "at": 1, "route": [0, 0, 1], "forgotten": [[0, 7, 0, 4]],
        "entries": [[0, 7, 4, "kept"]],
      ], from: "n0")
    let asked = try #require(messages(to: "n0", node).first)
    #expect(asked.contains("reply"))
    #expect(!asked.body.description.contains("[0,7,5]"), "it has none of them")
  }
}
