import EddyHistory
import EddyNetwork
import EddyNode

/// Brings nodes up: each is started and answers `init`; when all have, each answers the workload's setup
/// request, if there is one.
///
/// It also initializes nodes that are started again later.
struct Setup {
  /// How many nodes are to answer at a time. Of a thousand processes that start at once, none would in time.
  private static let nodesAtATime = 64

  /// What nodes are asked now.
  private enum Step { case initialize, setUp }

  /// The workload's setup request; nil if it has none.
  let request: Request?
  private var step = Step.initialize
  /// The nodes that have yet to be asked.
  private var queue = 0..<0
  /// The nodes that have been asked and not answered, with the client that asked.
  private var awaited: [Int: Int] = [:]

  init(request: Request?) { self.request = request }

  /// Whether nodes are asked for the setup request.
  var isSettingUp: Bool { step == .setUp }

  /// Whether every node has answered all that it is asked before operations.
  var isComplete: Bool { queue.isEmpty && awaited.isEmpty && (step == .setUp || request == nil) }

  mutating func begin(in context: inout RunContext) {
    queue = context.options.nodes.indices
    for node in queue { context.network.start(node) }
    askQueued(in: &context)
  }

  /// Sends a node its `init`, from a client of its own.
  mutating func initialize(_ node: Int, in context: inout RunContext) {
    let names = context.options.nodes
    let request = Request("init") {
      $0.field("node_id", names[node])
      $0.field("node_ids") { $0.value(names) }
    }
    awaited[node] = context.open(
      { .initializing(node: node, timer: $0) }, request: request, to: node, timeout: TestOptions.initTimeout)
  }

  /// Stops waiting for a node that has been killed to answer `init`.
  mutating func abandon(_ node: Int, in context: inout RunContext) {
    guard let client = awaited.removeValue(forKey: node) else { return }
    if case .initializing(_, let timer) = context.directory.role(of: client) { context.cancel(timer) }
    context.directory.close(client)
  }

  /// Takes a node's answer, and asks the next.
  ///
  /// - Parameter request: What the node was asked.
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
