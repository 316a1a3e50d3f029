import EddyNode
import EddyTiming
import EddyWorkloads
import Testing

/// What a node does whose parent falls silent, and what others do for it.
@Suite struct LostParentTests {
  /// Where latencies hardly vary a round that does not come is lost. A node that waited for an answer from
  /// its parent before it told others took 250 ms more, and they had no time left for a detour.
  @Test(arguments: [(0, true), (100, false)])
  func aPromisedRoundIsNotWaitedForWhereLatenciesHardlyVary(jitter: Int, isGivenUp: Bool) throws {
    let node = ScriptedNode(Broadcast(), place: 1, of: 3)
    let root = ScriptedPeer("n0", route: [0, 0, 0])
    for value in 0..<2 {
      node.receive("broadcast", ["message": JSONValue(value)])
      node.advance(by: .milliseconds(400))
      let batch = try #require(node.take("gossip"))
      root.hear(batch)
      // Batches come in time for a round; that they have waited there is no latency.
      let (sent, now) = (try batch.integer("at"), (value + 1) * 400_000)
      let roundTrip = 200_000 + value * jitter * 1000
      root.say(
        [
          "echo": [JSONValue(sent), JSONValue(now - sent - roundTrip)],
          "acks": [[1, try batch.value("incarnation"), JSONValue(value + 1)]],
          "round": [JSONValue(value), 400_000, 0], "keepalive": true,
        ], to: node)
    }
    node.receive("broadcast", ["message": "lost"])
    node.advance(by: .milliseconds(400 + 50))
    #expect(try firstNews(to: "n2", node)?.contains("lost") ?? false == isGivenUp)
  }

  /// Nodes may take each other for parents in a circle. Rounds that kept a promise and had nothing to
  /// say went round in it, ever more of them.
  @Test func aRoundWithoutNewsIsNotPassedDownTwice() throws {
    let node = ScriptedNode(Broadcast(), place: 1, of: 3)
    let parent = ScriptedPeer("n0", route: [0, 1, 0])
    let child = ScriptedPeer("n2", route: [0, 2, 0])
    child.say(["parent": 1], to: node)
    parent.say(
      ["round": [0, 400_000, 0], "keepalive": true, "entries": [[0, parent.incarnation, 0, "something"]]],
      to: node
    )
    #expect(try firstNews(to: "n2", node) == ["something"])
    for number in 1..<3 {
      parent.say(["round": [JSONValue(number), 400_000, 0], "keepalive": true], to: node)
      #expect(try firstNews(to: "n2", node) == nil)
    }
  }

  /// Nodes that lose their parent find out at the same moment, and not all of them hear each other.
  @Test func questionsOfTheSameMomentAreAnsweredWithEachOthersNews() throws {
    let node = ScriptedNode(Broadcast(), place: 3, of: 4)
    let first = ScriptedPeer("n1", route: [0, 1, 0])
    let second = ScriptedPeer("n2", route: [0, 1, 0])
    let question: JSONObject = ["parent": 0, "complete": true, "reply": true]
    first.say(question, to: node)
    second.say(question.merging(["entries": [[2, second.incarnation, 0, "late"]]]), to: node)
    node.advance(by: .milliseconds(10))
    #expect(try firstNews(to: "n1", node) == ["late"])
  }

  /// The entries of the first message to a peer; nil if there is none.
  private func firstNews(to peer: String, _ node: ScriptedNode) throws -> [JSONValue]? {
    while let message = node.take("gossip") {
      guard message.destination == peer else { continue }
      guard message.contains("entries"), case .array(let runs) = try message.value("entries") else {
        return []
      }
      return runs.flatMap { run -> [JSONValue] in
        if case .array(let items) = run { Array(items.dropFirst(3)) } else { [] }
      }
    }
    return nil
  }
}

extension JSONObject {
  fileprivate func merging(_ other: JSONObject) -> JSONObject {
    var merged = self
    for (name, value) in other { merged[name] = value }
    return merged
  }
}
