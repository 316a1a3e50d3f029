public import EddyNode

/// `lww-kv`: eventually consistent, with replicas that often disagree.
///
/// Each request first merges one random replica into another, and is then answered by a random replica. A
/// write's timestamp is its replica's Lamport clock; the greater one wins. As in Maelstrom's code there are
/// two replicas, and compare-and-set never creates a key.
public struct LastWriterWinsKV: Service {
  public static let name = "lww-kv"

  private struct Replica {
    var clock = 0
    var values: [CanonicalJSON: (timestamp: Int, value: RawJSON)] = [:]

    mutating func merge(_ other: Replica) {
      clock = max(clock, other.clock)
      values.merge(other.values) { mine, others in mine.timestamp > others.timestamp ? mine : others }
    }
  }

  private var replicas: [Replica]

  public init(replicas: Int = 2) {
    precondition(replicas > 0, "a store has at least one replica")
    self.replicas = Array(repeating: Replica(), count: replicas)
  }

  public mutating func handle(
    _ request: Message, from client: String, _ random: inout SeededGenerator
  ) throws(RPCError) -> ServiceReply {
    let request = try KeyValueRequest(request)
    gossip(&random)
    return try apply(request, to: &replicas[random.below(replicas.count)])
  }

  private mutating func gossip(_ random: inout SeededGenerator) {
    let source = random.below(replicas.count)
    let destination = random.below(replicas.count)
    if source != destination { replicas[destination].merge(replicas[source]) }
  }

  private func apply(_ request: KeyValueRequest, to replica: inout Replica) throws(RPCError) -> ServiceReply {
    let current = replica.values[request.key]?.value
    if case .compareAndSet = request.action, current == nil { throw .keyDoesNotExist("key does not exist") }
    let effect = request.effect(on: current)
    if let written = effect.written {
      replica.values[request.key] = (replica.clock, written)
      replica.clock += 1
    }
    return ServiceReply(try effect.reply.get())
  }
}
