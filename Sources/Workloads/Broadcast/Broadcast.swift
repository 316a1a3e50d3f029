public import EddyNode

/// Maelstrom's `broadcast`: every value that any node is given becomes known to all nodes.
///
/// Values spread by ``Gossip``. A broadcast is acknowledged when this node has the value, or another node too
/// (``Acknowledgement``). Reads are answered from bytes that are encoded already.
public final class Broadcast: Handler, GossipingHandler {
  /// How values spread.
  public struct Options: Sendable {
    /// How the tree that values spread along is found.
    public enum Topology: String, Sendable, CaseIterable {
      /// A star round the first node; beyond 64 nodes a tree of depth two. The `topology` message is ignored.
      case relay
      /// A tree of shortest paths within the graph that the `topology` message gives.
      case given
    }

    /// The time between two rounds of gossip: what a value waits at most, for messages between nodes.
    public var window: Duration
    /// The tree that values spread along.
    public var topology: Topology
    /// When a broadcast is acknowledged.
    public var acknowledgement: Acknowledgement
    /// Whether nodes also send their values to all others at once: the lowest latency, at n − 1 messages
    /// per value.
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
  var gossip: Gossip { values.gossip }

  /// A node before its `init`.
  public init(_ options: Options = Options()) {
    self.options = options
    var gossip = Gossip.Options(window: options.window)
    gossip.isDirect = options.isDirect
    values = SharedValues(gossip, acknowledgement: options.acknowledgement, type: "broadcast_ok")
  }

  public func start(on node: Node) { gossip.start(on: node) }

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
      if options.topology == .given { gossip.take(.spanning(graph), on: node) }
      node.reply(to: message, type: "topology_ok")
    case "gossip":
      try gossip.receive(message, on: node)
    default:
      throw .notSupported(type: message.type)
    }
  }

  /// The graph of a `topology` message, by the nodes' indices. Throws if it names an unknown node.
  private func neighbours(_ message: Message, on node: Node) throws(RPCError) -> [[Int]] {
    guard case .object(let topology) = try message.value("topology") else {
      throw .malformedRequest("the field \"topology\" must be an object")
    }
    let indices = Dictionary(zip(node.cluster, node.cluster.indices)) { first, _ in first }
    var graph = [[Int]](repeating: [], count: node.cluster.count)
    for (name, value) in topology {
      guard let index = indices[name], case .array(let names) = value else {
        throw .malformedRequest(
          "the field \"topology\" must map each node to an array of nodes, which it does not for \"\(name)\"")
      }
      for neighbour in names {
        guard case .string(let name) = neighbour, let other = indices[name] else {
          throw .malformedRequest("the field \"topology\" names \(neighbour), which is no node")
        }
        graph[index].append(other)
      }
    }
    return graph
  }
}
