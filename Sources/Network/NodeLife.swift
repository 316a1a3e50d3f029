import EddyNode

/// Which nodes are down or starting, and what waits for those that are starting.
///
/// What reaches a node that is down is lost. With receivers that block, as in Maelstrom, whose queues are
/// made when a node is started and thrown away when it is stopped, so is all that was sent to it before;
/// with independent ones, what is still on its way then may reach the next incarnation.
///
/// A node that is starting is handed nothing but its `init` and the answers to what it has asked since it
/// was started, a store for instance, until it has answered `init`. What others send it meanwhile is held,
/// as in the pipe of a process that has yet to read, and delivered then. In Maelstrom a node may be handed
/// a message before its `init`: whichever is due first.
struct NodeLife {
  private struct Startup {
    /// The `msg_id`s of what the node has sent.
    var requests: Set<Int> = []
    var held: [Network.Envelope] = []
  }

  private var down: Set<Int> = []
  private var startups: [Int: Startup] = [:]
  /// What waited for nodes that have been admitted, the next one last.
  private var released: [Network.Envelope] = []

  func isDown(_ receiver: Network.Endpoint) -> Bool {
    guard !down.isEmpty, case .node(let node) = receiver else { return false }
    return down.contains(node)
  }

  func isStarting(_ node: Int) -> Bool { !startups.isEmpty && startups[node] != nil }

  /// Ends a node, whatever it was doing. Returns what was held for it.
  package mutating func kill(_ node: Int) -> [Network.Envelope] {
    down.insert(node)
    return startups.removeValue(forKey: node)?.held ?? []
  }

  package mutating func start(_ node: Int) {
    down.remove(node)
    startups[node] = Startup()
  }

  package mutating func admit(_ node: Int) {
    guard let startup = startups.removeValue(forKey: node) else { return }
    released.insert(contentsOf: startup.held.reversed(), at: 0)
  }

  /// Notes what a node that is starting asks for.
  mutating func noteRequest(_ id: Int?, by node: Int) {
    if let id { startups[node]?.requests.insert(id) }
  }

  /// Keeps a message that its receiver is not to get yet, and tells whether it did.
  mutating func holds(_ envelope: Network.Envelope) -> Bool {
    guard !startups.isEmpty, case .node(let node) = envelope.destination, let startup = startups[node] else {
      return false
    }
    let message = envelope.message
    if envelope.source.isClient, message.type == "init" { return false }
    if let request = message.inReplyTo, startup.requests.contains(request) { return false }
    startups[node]!.held.append(envelope)
    return true
  }

  /// What waits for nodes that are starting, or have been admitted and not yet got it.
  var waiting: [Network.Envelope] {
    startups.sorted { $0.key < $1.key }.flatMap { $0.value.held } + released
  }

  /// The next message that has waited for a node which has been admitted since.
  mutating func takeReleased() -> Network.Envelope? { released.popLast() }
}
