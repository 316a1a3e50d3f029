public import Node

/// Maelstrom's `broadcast`: every value that any node is given becomes known to all.
///
/// Values spread by ``Gossip``. A broadcast is acknowledged when this node has it; a read is
/// answered from bytes already encoded.
public final class Broadcast: Workload {
  /// How values spread.
  public struct Options: Sendable {
    /// How the tree that values spread along is found.
    public enum Topology: String, Sendable, CaseIterable {
      /// A star round the first node, whatever the `topology` message says.
      case relay
      /// A tree of shortest paths within the graph that the `topology` message gives.
      case given
    }

    /// The time between two rounds of the relay.
    public var window: Duration
    /// Along which tree.
    public var topology: Topology
    /// Whether nodes send their values to all others at once, too: the lowest latency, at n − 1
    /// messages a value.
    public var isDirect: Bool

    /// Options; the default window meets challenge 3d.
    public init(window: Duration = .milliseconds(380), topology: Topology = .relay, isDirect: Bool = false) {
      self.window = window
      self.topology = topology
      self.isDirect = isDirect
    }
  }

  private let options: Options
  private let values: ValueList
  private let gossip: Gossip

  /// A node before its `init`.
  public init(_ options: Options = Options()) {
    self.options = options
    let values = ValueList()
    self.values = values
    var gossipOptions = Gossip.Options(window: options.window)
    gossipOptions.isDirect = options.isDirect
    gossip = Gossip(gossipOptions) { values.insert($0) }
  }

  public func start(on node: Node) { gossip.start(on: node) }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "broadcast":
      let value = try message.raw("message")
      if !values.contains(value) { gossip.publish(value, on: node) }
      node.reply(to: message, type: "broadcast_ok")
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
      throw .notSupported(message.type)
    }
  }

  /// The graph of a `topology` message by the nodes' places; names of no node are refused.
  private func neighbours(_ message: Message, on node: Node) throws(RPCError) -> [[Int]] {
    guard case .object(let topology) = try message.value("topology") else {
      throw .malformedRequest("topology must be an object")
    }
    let places = Dictionary(uniqueKeysWithValues: node.cluster.enumerated().map { ($1, $0) })
    var graph = [[Int]](repeating: [], count: node.cluster.count)
    for (name, value) in topology {
      guard let place = places[name], case .array(let names) = value else {
        throw .malformedRequest(
          "topology must map nodes to arrays of their neighbours; it does not for \(name)")
      }
      for neighbour in names {
        guard case .string(let name) = neighbour, let other = places[name] else {
          throw .malformedRequest("topology names \(neighbour), which is no node")
        }
        graph[place].append(other)
      }
    }
    return graph
  }
}

/// The values known to a node, each once, with their JSON at hand.
final class ValueList {
  /// The values in the order they became known, separated by commas.
  private(set) var encoded: [UInt8] = []
  private var known: Set<RawJSON> = []

  /// O(length of the value).
  func contains(_ value: RawJSON) -> Bool { known.contains(value) }

  /// Adds a value that is not there yet. O(length of the value), amortized.
  func insert(_ value: RawJSON) {
    guard known.insert(value).inserted else { return }
    if !encoded.isEmpty { encoded.append(UInt8(ascii: ",")) }
    encoded.append(contentsOf: value.bytes)
  }
}
