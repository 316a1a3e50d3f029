import EddyNode

/// Tracks which nodes are down or starting, and holds messages for those that are starting.
///
/// A message that reaches a node that is down is lost. With blocking delivery a kill also loses every message
/// sent to the node before, because Maelstrom's queues are created when a node starts and discarded when it
/// stops. With independent delivery a message that is in flight then may reach the next incarnation.
///
/// Until a starting node has answered `init`, it receives only its `init` and the replies to what it has
/// requested since its start, for example from a store. Other messages are held and delivered then, as from
/// the pipe of a process that does not read yet. Maelstrom in contrast may deliver a message before `init`:
/// it delivers the one that is due first.
struct NodeAdmission {
  private struct Startup {
    /// The `msg_id`s of the node's requests.
    var requests: Set<Int> = []
    var held: [Network.Envelope] = []
  }

  private var down: Set<Int> = []
  private var startups: [Int: Startup] = [:]
  /// Held messages of nodes that have been admitted, in reverse order.
  private var released: [Network.Envelope] = []

  func isDown(_ receiver: Network.Endpoint) -> Bool {
    guard !down.isEmpty, case .node(let node) = receiver else { return false }
    return down.contains(node)
  }

  func isStarting(_ node: Int) -> Bool { !startups.isEmpty && startups[node] != nil }

  /// Marks a node as down. Returns the messages held for it.
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

  /// Records the `msg_id` of a request by a starting node.
  mutating func noteRequest(_ id: Int?, by node: Int) {
    if let id { startups[node]?.requests.insert(id) }
  }

  /// Holds a message if its receiver may not receive it yet. Returns whether it does.
  mutating func hold(_ envelope: Network.Envelope) -> Bool {
    guard !startups.isEmpty, case .node(let node) = envelope.destination, let startup = startups[node] else {
      return false
    }
    let message = envelope.message
    if envelope.source.isClient, message.type == "init" { return false }
    if let request = message.inReplyTo, startup.requests.contains(request) { return false }
    startups[node]!.held.append(envelope)
    return true
  }

  /// All held messages, of starting nodes and of admitted ones that have not received them yet.
  var waiting: [Network.Envelope] {
    startups.sorted { $0.key < $1.key }.flatMap { $0.value.held } + released
  }

  /// Removes and returns the next held message of an admitted node.
  mutating func takeReleased() -> Network.Envelope? { released.popLast() }
}
