public import EddyNode

/// Maelstrom's `broadcast`: every value that any node is given becomes known to all.
///
/// Values spread by ``Gossip``. A broadcast is acknowledged when this node has it, or another one too
/// (``Acknowledgement``); a read is answered from bytes already encoded.
public final class Broadcast: Handler {
  /// How values spread.
  public struct Options: Sendable {
    /// How the tree that values spread along is found.
    public enum Topology: String, Sendable, CaseIterable {
      /// A star round the first node, beyond 64 nodes a tree of depth two, whatever the `topology` message says.
      case relay
      /// A tree of shortest paths within the graph that the `topology` message gives.
      case given
    }

    /// The time between two rounds of the relay.
    public var window: Duration
    /// Along which tree.
    public var topology: Topology
    /// When a broadcast is acknowledged.
    public var acknowledgement: Acknowledgement
    /// Whether nodes send their values to all others at once, too: the lowest latency, at n − 1
    /// messages a value.
    public var isDirect: Bool

    /// Options; the default window meets challenge 3d.
    public init(
      window: Duration = .milliseconds(400), topology: Topology = .relay,
      acknowledgement: Acknowledgement = .local, isDirect: Bool = false
    ) {
      self.window = window
      self.topology = topology
      self.acknowledgement = acknowledgement
      self.isDirect = isDirect
    }
  }

  private let options: Options
  private let values: SharedValues

  /// A node before its `init`.
  public init(_ options: Options = Options()) {
    self.options = options
    var gossip = Gossip.Options(window: options.window)
    gossip.isDirect = options.isDirect
    values = SharedValues(gossip, acknowledgement: options.acknowledgement, type: "broadcast_ok")
  }

  public func start(on node: Node) { values.gossip.start(on: node) }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "broadcast":
      values.add(try message.raw("message"), for: message, on: node)
    case "read":
      node.reply(to: message, type: "read_ok") { body in
        body.field("messages") { $0.array { $0.encoded(values.encoded[...]) } }
      }
    case "topology":
      let graph = try neighbours(message, on: node)
      if options.topology == .given { values.gossip.take(.spanning(graph), on: node) }
      node.reply(to: message, type: "topology_ok")
    case "gossip":
      try values.gossip.receive(message, on: node)
    default:
      throw .notSupported(type: message.type)
    }
  }

  /// The graph of a `topology` message by the nodes' places; names of no node are refused.
  private func neighbours(_ message: Message, on node: Node) throws(RPCError) -> [[Int]] {
    guard case .object(let topology) = try message.value("topology") else {
      throw .malformedRequest("the field \"topology\" must be an object")
    }
    let places = Dictionary(zip(node.cluster, node.cluster.indices)) { first, _ in first }
    var graph = [[Int]](repeating: [], count: node.cluster.count)
    for (name, value) in topology {
      guard let place = places[name], case .array(let names) = value else {
        throw .malformedRequest(
          "the field \"topology\" must map each node to an array of nodes, which it does not for \"\(name)\"")
      }
      for neighbour in names {
        guard case .string(let name) = neighbour, let other = places[name] else {
          throw .malformedRequest("the field \"topology\" names \(neighbour), which is no node")
        }
        graph[place].append(other)
      }
    }
    return graph
  }
}
