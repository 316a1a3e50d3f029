import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// What the parts of a run act on: clock, timers, network, history and what the driver is to do.
///
/// ``TestRun`` owns it and hands it to ``Setup`` and ``ClientPool``, whose own state is private.
struct RunContext {
  /// What waits on the clock.
  enum Timer {
    /// A client's request has no reply yet.
    case requestTimeout(client: Int)
    /// A client thread is to be given an operation.
    case nextOperation
    /// A fault is to start or end.
    case nemesis
    /// The time limit.
    case endOfOperations
    /// The cluster has rested.
    case endOfRecovery
    /// A worker is to invoke one of its final operations.
    case finalOperation(Invocation, worker: Int)
    /// A worker is to probe its node again.
    case probe(worker: Int)
    /// The liveness bound.
    case endOfLiveness
  }

  let options: TestOptions
  /// The driver's clock, as it was last told.
  var now = Instant.zero
  /// When operations began: the history's zero.
  var origin = Instant.zero
  /// The network, with the services.
  var cluster: ClusterNetwork
  var history = History()
  /// The network clients by number.
  var directory = ClientDirectory()
  /// Decides all that is random apart from latencies and faults, which have generators of their own.
  var random: SeededGenerator
  private(set) var timers = TimerQueue<Timer>()
  private var actions: [TestRun.Action] = []

  init(_ options: TestOptions, network: Network, random: SeededGenerator) {
    self.options = options
    cluster = ClusterNetwork(network, nodes: options.nodes, seed: options.seed)
    self.random = random
  }

  var network: Network {
    get { cluster.network }
    _modify { yield &cluster.network }
  }

  /// Now on the history's clock.
  var relativeNow: Instant { Instant(nanoseconds: now.nanoseconds - origin.nanoseconds) }

  /// Asks something of the driver.
  mutating func perform(_ action: TestRun.Action) { actions.append(action) }

  /// Takes what was asked of the driver, in order.
  mutating func takeActions() -> [TestRun.Action] {
    defer { actions.removeAll(keepingCapacity: true) }
    return actions
  }

  @discardableResult
  mutating func schedule(_ timer: Timer, at deadline: Instant) -> TimerID {
    timers.insert(timer, at: deadline)
  }

  mutating func cancel(_ timer: TimerID) { timers.remove(timer) }

  mutating func popDueTimer() -> Timer? { timers.popDue(at: now)?.element }

  /// Opens a network client whose only request is to be answered within `timeout`, and sends that request.
  mutating func open(
    _ role: (TimerID) -> ClientDirectory.Role, request: Request, to node: Int, timeout: Duration
  ) -> Int {
    let client = directory.nextNumber
    let timer = schedule(.requestTimeout(client: client), at: now + timeout)
    directory.open(role(timer))
    send(request, id: 1, from: client, to: node)
    return client
  }

  /// Sends a client's request. `id` is its `msg_id`.
  mutating func send(_ request: Request, id: Int, from client: Int, to node: Int) {
    var writer = JSONWriter()
    writer.object {
      $0.field("src", ClientDirectory.name(of: client))
      $0.field("dest", options.nodes[node])
      $0.field("body") {
        $0.object { body in
          body.field("type", request.type)
          body.field("msg_id", id)
          request.fields(&body)
        }
      }
    }
    network.send(writer.bytes, from: .client(client), to: .node(node), at: now)
  }
}
