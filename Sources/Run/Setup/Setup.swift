import EddyHistory
import EddyNetwork
import EddyNode

/// Starts the nodes and initializes them. When all have answered `init`, it sends each the workload's setup
/// request, if there is one.
///
/// It also initializes nodes that the nemesis starts again.
struct Setup {
  /// The largest number of nodes that have been sent a request and have not answered. If a thousand processes
  /// started at once, none would answer in time.
  private static let nodesAtATime = 64

  /// The request that nodes are sent.
  private enum Step { case initialize, setUp }

  /// The workload's setup request; nil if there is none.
  let request: Request?
  private var step = Step.initialize
  /// The nodes that have not been sent the request yet.
  private var queue = 0..<0
  /// The nodes that have not answered yet, with the client that sent the request.
  private var awaited: [Int: Int] = [:]

  init(request: Request?) { self.request = request }

  /// Whether the setup request is being sent.
  var isSettingUp: Bool { step == .setUp }

  /// Whether every node has answered all requests before operations.
  var isComplete: Bool { queue.isEmpty && awaited.isEmpty && (step == .setUp || request == nil) }

  mutating func begin(in context: inout RunContext) {
    queue = context.options.nodes.indices
    for node in queue { context.network.start(node) }
    askQueued(in: &context)
  }

  /// Sends a node `init` from a new client.
  ///
  /// - Parameter isRestart: Whether the node was killed before. Then `init` says so in a field of Eddy's own: a
  ///   node without a disk has lost what it promised.
  mutating func initialize(_ node: Int, isRestart: Bool = false, in context: inout RunContext) {
    let names = context.options.nodes
    let request = Request("init") {
      $0.field("node_id", names[node])
      $0.field("node_ids") { $0.value(names) }
      if isRestart { $0.field("restarted", true) }
    }
    awaited[node] = context.open(
      { .initializing(node: node, timer: $0) }, request: request, to: node, timeout: TestOptions.initTimeout)
  }

  /// Cancels the `init` of a node that has been killed.
  mutating func abandon(_ node: Int, in context: inout RunContext) {
    guard let client = awaited.removeValue(forKey: node) else { return }
    if case .initializing(_, let timer) = context.clients.role(of: client) { context.cancel(timer) }
    context.clients.close(client)
  }

  /// Takes a node's reply and sends the next request. Throws if the reply is not `request` + `_ok`.
  ///
  /// - Parameter request: The type of the request.
  mutating func receive(
    _ reply: Message, to request: String, from node: Int, in context: inout RunContext
  ) throws(RunFailure) {
    guard reply.type == request + "_ok" else {
      throw RunFailure(
        .setupFailed(expected: request + "_ok", got: reply.rawBody.description),
        node: context.options.nodes[node])
    }
    awaited[node] = nil
    askQueued(in: &context)
    if awaited.isEmpty, step == .initialize, self.request != nil {
      step = .setUp
      queue = context.options.nodes.indices
      askQueued(in: &context)
    }
  }

  private mutating func askQueued(in context: inout RunContext) {
    while awaited.count < Self.nodesAtATime, let node = queue.popFirst() {
      switch step {
      case .initialize:
        context.perform(.start(node: node))
        initialize(node, in: &context)
      case .setUp:
        guard let request else { return }
        awaited[node] = context.open(
          { .settingUp(node: node, timer: $0) }, request: request, to: node,
          timeout: TestOptions.requestTimeout)
      }
    }
  }
}
