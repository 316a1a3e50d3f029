import EddyNode

/// Values that clients give to any node and that all nodes come to know: what ``Broadcast`` and ``GSet`` share.
final class SharedValues {
  let gossip: Gossip
  private let values = ValueList()
  private let acknowledgement: Acknowledgement
  private let acknowledgementType: StaticString

  /// This node's values that no other node is known to have: how many entries it had published with each.
  private var unreplicated: [RawJSON: Int] = [:]
  /// Requests that are acknowledged when so many of this node's entries are replicated.
  private var waiting: [(count: Int, request: Message)] = []

  /// - Parameter type: The type of the message that acknowledges a value.
  init(_ options: Gossip.Options, acknowledgement: Acknowledgement, type: StaticString) {
    self.acknowledgement = acknowledgement
    acknowledgementType = type
    // Two nodes may have been given the same value: one entry is enough.
    gossip = Gossip(options) { [values] gossip, value, id in
      if !values.insert(value) { gossip.forget(id) }
    }
    guard acknowledgement == .replicated else { return }
    gossip.replicated = { [unowned self] in acknowledge(upTo: $0, on: $1) }
  }

  /// All values known here, separated by commas.
  var encoded: [UInt8] { values.encoded }

  /// Adds a value unless it is known already, and acknowledges the request when ``Acknowledgement`` demands.
  ///
  /// A value that came from another node is replicated. One that a client gives again while the first request
  /// waits is acknowledged together with that. O(length of the value), amortized.
  func add(_ value: RawJSON, for request: Message, on node: Node) {
    if !values.contains(value) {
      gossip.publish(value, on: node)
      if acknowledgement == .replicated, node.cluster.count > 1 {
        unreplicated[value] = gossip.publishedCount
      }
    }
    if let count = unreplicated[value] {
      waiting.append((count, request))
    } else {
      node.reply(to: request, type: acknowledgementType)
    }
  }

  private func acknowledge(upTo count: Int, on node: Node) {
    unreplicated = unreplicated.filter { $0.value > count }
    let due = waiting.filter { $0.count <= count }
    waiting.removeAll { $0.count <= count }
    for (_, request) in due { node.reply(to: request, type: acknowledgementType) }
  }
}

/// The values known to a node, each once, and their JSON.
final class ValueList {
  /// The values in the order they became known, separated by commas.
  private(set) var encoded: [UInt8] = []
  private var known: Set<RawJSON> = []

  /// O(length of the value).
  func contains(_ value: RawJSON) -> Bool { known.contains(value) }

  /// Adds a value. Returns whether it was not there yet. O(length of the value), amortized.
  func insert(_ value: RawJSON) -> Bool {
    guard known.insert(value).inserted else { return false }
    if !encoded.isEmpty { encoded.append(UInt8(ascii: ",")) }
    encoded.append(contentsOf: value.bytes)
    return true
  }
}
