package import EddyNode
package import EddyTiming

/// A network that routes messages by name, together with Maelstrom's services.
///
/// The owner sends the messages of nodes and clients through ``network`` and takes deliveries until there is
/// none. Requests to services are handled here.
package struct ServiceNetwork {
  /// A message that is due.
  package enum Delivery {
    /// A line, without newline, for the standard input of a node.
    case line([UInt8], node: Int)
    /// A message for a client.
    case message(Message, client: Int)
  }

  /// The network below the names.
  package var network: Network
  private var services: Services
  private let nodes: [String]
  /// The nodes and services by name. Clients are looked up by the owner.
  private let endpoints: [String: Network.Endpoint]

  /// - Parameters:
  ///   - nodes: The nodes' names. A node's name hides a service of the same name.
  ///   - seed: The run's seed; the services draw from it.
  package init(_ network: Network, nodes: [String], seed: UInt64) {
    self.network = network
    self.nodes = nodes
    services = Services(seed: seed)
    let named = nodes.enumerated().map { ($1, Network.Endpoint.node($0)) }
    endpoints = Dictionary(named + services.names.map { ($0, .service($0)) }) { node, _ in node }
  }

  /// The node or service with this name; nil if there is none. Clients are not known here.
  package func endpoint(named name: String) -> Network.Endpoint? { endpoints[name] }

  /// Removes and returns the next message that is due by `now`; nil if there is none. O(log n) in the number
  /// of messages in flight.
  package mutating func nextDelivery(at now: Instant) -> Delivery? {
    while let envelope = network.deliver(at: now) {
      switch envelope.destination {
      case .node(let node): return .line(envelope.line, node: node)
      case .client(let client): return .message(envelope.message, client: client)
      case .service:
        guard case .node(let node) = envelope.source else {
          preconditionFailure("only nodes send to services")
        }
        services.serve(envelope, from: nodes[node], through: &network, at: now)
      }
    }
    return nil
  }
}
