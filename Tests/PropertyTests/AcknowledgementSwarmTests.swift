import EddyNetwork
import EddyNode
import EddyRegistry
import EddySimulation
import EddyTiming
import Testing

/// `--ack replicated` while nodes are killed, one at a time.
@Suite struct AcknowledgementSwarmTests {
  /// How long a node that was started again is left alone: others must teach it what they know before
  /// the next of them may die.
  private static let recovery = Duration.seconds(5)

  /// Nodes, latency, loss, values and deaths drawn from the seed.
  @Test(arguments: [("broadcast", "message", "messages"), ("g-set", "element", "value")])
  func whatIsAcknowledgedOutlivesEveryNode(workload: String, field: String, values: String) throws {
    let add = workload == "g-set" ? "add" : workload
    let makeHandler = try #require(try HandlerRegistry.factory(workload, arguments: ["--ack", "replicated"]))
    for seed in 1...8 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      let nodes = 2 + random.below(5)
      let latency = Latency(
        mean: random.pick([0, 1, 10, 50, 100])!, distribution: random.pick(Latency.Distribution.allCases)!)
      let cluster = Simulation(nodes: nodes, seed: seed, latency: latency, handler: makeHandler)
      cluster.loss = random.pick([0, 0, 0.05, 0.2])!
      var given: [Int: JSONValue] = [:]
      for _ in 0..<6 {
        let victim = random.below(nodes)
        // Until the next one dies.
        publish(for: Self.recovery, except: nil)
        cluster.kill(victim)
        publish(for: .milliseconds(random.below(4_000)), except: victim)
        cluster.restart(victim)
      }
      cluster.loss = 0
      cluster.advance(by: .seconds(10))
      let acknowledged = Set(
        cluster.journal.messages.compactMap { envelope in
          envelope.message.type == add + "_ok" ? envelope.message.inReplyTo.flatMap { given[$0] } : nil
        })
      #expect(acknowledged.count > given.count / 2)
      for node in cluster.nodes {
        guard case .array(let known)? = try cluster.request(node, "read")[values] else {
          throw RPCError.malformedRequest("\(values) is no array")
        }
        #expect(acknowledged.subtracting(known) == [], "seed \(seed): lost on \(node)")
        #expect(Set(known).count == known.count)
      }

      func publish(for duration: Duration, except dead: Int?) {
        let end = cluster.now + duration
        while cluster.now < end {
          let node = random.below(nodes)
          if node != dead {
            let value = JSONValue(given.count)
            given[cluster.post(cluster.nodes[node], add, [field: value])] = value
          }
          cluster.advance(by: min(.milliseconds(1 + random.below(200)), end - cluster.now))
        }
      }
    }
  }
}
