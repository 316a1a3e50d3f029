import EddyNode
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// A process that was frozen finds its input, and its timers, long due.
@Suite struct StallTests {
  /// Messages between 25 nodes in the second after one of them has been frozen.
  private func thaw(_ victim: Int, after duration: Duration) -> (total: Int, byVictim: Int) {
    let cluster = Simulation(nodes: 25, seed: 7) { Broadcast() }
    var value = 0
    func publish(for duration: Duration, except frozen: Int? = nil) {
      let end = cluster.now + duration
      while cluster.now < end {
        let node = value % 25
        if node != frozen { cluster.post(cluster.nodes[node], "broadcast", ["message": JSONValue(value)]) }
        value += 1
        cluster.advance(by: .milliseconds(10))
      }
    }
    publish(for: .seconds(5))
    cluster.pause(victim)
    publish(for: duration, except: victim)
    let before = cluster.messages(ofType: "gossip").count
    cluster.resume(victim)
    publish(for: .seconds(1))
    let after = cluster.messages(ofType: "gossip").dropFirst(before)
    return (after.count, after.count { $0.source == cluster.nodes[victim] })
  }

  /// An answer to each of the questions, and pushes to everybody because of parents that had long been
  /// heard of, came to thousands of messages.
  @Test func aLeafThatWasFrozenSendsAMessageAPeer() {
    let messages = thaw(5, after: .seconds(45))
    #expect(messages.byVictim <= 24)
    #expect(messages.total <= 8 * 24)
  }

  @Test(arguments: [Duration.seconds(3), .seconds(45)])
  func aRootThatWasFrozenSendsAFewMessagesAPeer(duration: Duration) {
    let messages = thaw(0, after: duration)
    #expect(messages.byVictim <= 8 * 24)
    #expect(messages.total <= 16 * 24)
  }

  /// Whichever of the two the event loop sees to first.
  @Test(arguments: [true, false])
  func aStalledNodeAnswersAPeerOnceHoweverOftenItHasAsked(timersFirst: Bool) throws {
    let node = ScriptedNode(Broadcast())
    let peer = ScriptedPeer("n1", route: [0, 1, 0])
    peer.say(["parent": 0, "complete": true, "reply": true], to: node)
    node.advance(by: .seconds(1))
    peer.hear(try #require(node.take("gossip")))
    node.stall(for: .seconds(45))
    if timersFirst { node.advance(by: .zero) }
    for _ in 0..<22 { peer.say(["parent": 0, "complete": true, "reply": true], to: node) }
    node.advance(by: .seconds(1))
    let answer = try #require(node.take("gossip"))
    #expect(answer.contains("complete"))
    #expect(node.take("gossip") == nil)
  }
}
