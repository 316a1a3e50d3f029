package import EddyNode
package import EddyTiming

/// The network of a cluster under the names of those who are on it, with the services beside the nodes.
///
/// Whoever drives it puts what nodes and clients say on its way, and takes deliveries until there is none. What
/// is for a service is served here.
package struct ClusterNetwork {
  /// What has arrived.
  package enum Delivery {
    /// A line, without newline, for the standard input of a node.
    case line([UInt8], node: Int)
    /// A message for a client.
    case message(Message, client: Int)
  }

  /// What carries the messages.
  package var network: Network
  private var services: Services
  private let nodes: [String]
  /// The nodes and the services; clients are too many.
  private let endpoints: [String: Network.Endpoint]

  /// - Parameters:
  ///   - nodes: The nodes' names. A service of the same name is not reached.
  ///   - seed: The run's, for the services.
  package init(_ network: Network, nodes: [String], seed: UInt64) {
    self.network = network
    self.nodes = nodes
    services = Services(seed: seed)
    let named = nodes.enumerated().map { ($1, Network.Endpoint.node($0)) }
    endpoints = Dictionary(named + services.names.map { ($0, .service($0)) }) { node, _ in node }
  }

  /// The node or service of that name; nil if it is a client's or nobody's.
  package func endpoint(named name: String) -> Network.Endpoint? { endpoints[name] }

  /// Takes what has arrived by `now`, or nil if nothing has. O(log n) in the number of messages under way.
  package mutating func nextDelivery(at now: Instant) -> Delivery? {
    while let envelope = network.deliver(at: now) {
      switch envelope.destination {
      case .node(let node): return .line(envelope.line, node: node)
      case .client(let client): return .message(envelope.message, client: client)
      case .service:
        guard case .node(let node) = envelope.source else {
          preconditionFailure("only nodes know of services")
        }
        services.serve(envelope, from: nodes[node], through: &network, at: now)
      }
    }
    return nil
  }
}
