import EddyNode
import EddyTiming
import EddyWorkloads
import Testing

/// Scenes in which values were once lost, played to one node by a test that is all of its peers.
@Suite struct GossipRegressionTests {
  /// A value published while a node was choosing a parent was forgotten when it chose the same.
  @Test func valuePublishedWhileChoosingAParentIsSentToTheOneChosen() throws {
    let node = ScriptedNode(Broadcast(), place: 1, of: 2)
    let root = ScriptedPeer("n0", route: [0, 0, 0])
    node.receive("broadcast", ["message": 3])
    let batch = try #require(node.take("gossip"))
    node.advance(by: .seconds(1))
    let push = try #require(node.take("gossip"), "the root is silent")
    node.receive("broadcast", ["message": 5])
    #expect(node.take("gossip") == nil, "who the parent will be is not known yet")
    root.answer(push, to: node, having: [[1, try batch.value("incarnation"), 1]])
    #expect(try sends(5, to: root, node))
  }

  /// A node took others for having what its parent had acknowledged, and did not mind when they said that
  /// they had not.
  @Test func presumedKnowledgeOfAPeerGivesWayToWhatItSays() throws {
    let node = ScriptedNode(Broadcast(), place: 2, of: 3)
    let root = ScriptedPeer("n0", route: [0, 0, 0])
    let next = ScriptedPeer("n1", route: [1, 0, 0])
    node.receive("broadcast", ["message": "first"])
    let batch = try #require(node.take("gossip"))
    // By the second round the root has passed on what it acknowledged before; but n1 was cut off.
    for number in 0..<2 {
      node.advance(by: .milliseconds(380))
      root.answer(
        batch, to: node, having: [[2, try batch.value("incarnation"), 1]],
        ["round": [JSONValue(number), 380_000, 0]])
    }
    next.say(["entries": [[1, next.incarnation, 0, "second"]]], to: node)
    #expect(try sends("first", to: next, having: [[1, next.incarnation, 1]], node))
  }

  /// Whether the node sends `peer` a value within a minute in which the peer answers what it is asked,
  /// always that it has `counts` and no more, and nobody else says anything.
  private func sends(
    _ value: JSONValue, to peer: ScriptedPeer, having counts: JSONValue = [], _ node: ScriptedNode
  ) throws -> Bool {
    for _ in 0..<600 {
      while let message = node.take("gossip") {
        guard message.destination == peer.name else { continue }
        if message.contains("entries"), case .array(let runs) = try message.value("entries"),
          runs.contains(where: {
            if case .array(let run) = $0 { run.dropFirst(3).contains(value) } else { false }
          })
        {
          return true
        }
        if message.contains("reply") { peer.answer(message, to: node, having: counts) }
      }
      node.advance(by: .milliseconds(100))
    }
    return false
  }
}
