import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// The state shared by the parts of a run: clock, timers, network, history and the actions for the driver.
///
/// ``TestRun`` owns it and passes it to ``Setup`` and ``ClientPool``, whose own state is private.
struct RunContext {
  /// A timer of the run.
  enum Timer {
    /// The timeout of a client's request.
    case requestTimeout(client: Int)
    /// The next operation is due.
    case nextOperation
    /// The nemesis acts.
    case nemesis
    /// The time limit: operations end.
    case endOfOperations
    /// The end of recovery.
    case endOfRecovery
    /// A worker's final operation is due.
    case finalOperation(Invocation, worker: Int)
    /// A worker probes its node again.
    case probe(worker: Int)
    /// The liveness bound has passed.
    case endOfLiveness
  }

  let options: TestOptions
  /// The driver's time at its last call.
  var now = Instant.zero
  /// The instant at which operations began: the zero of the history's times.
  var origin = Instant.zero
  /// The network, with the services.
  var serviceNetwork: ServiceNetwork
  var history = History()
  /// The network clients, open and closed.
  var clients = ClientTable()
  /// The source of randomness, except for latencies and faults, which have their own.
  var random: SeededGenerator
  private(set) var timers = TimerQueue<Timer>()
  private var actions: [TestRun.Action] = []

  init(_ options: TestOptions, network: Network, random: SeededGenerator) {
    self.options = options
    serviceNetwork = ServiceNetwork(network, nodes: options.nodes, seed: options.seed)
    self.random = random
  }

  var network: Network {
    get { serviceNetwork.network }
    _modify { yield &serviceNetwork.network }
  }

  /// The current time on the history's clock.
  var relativeNow: Instant { Instant(nanoseconds: now.nanoseconds - origin.nanoseconds) }

  /// Adds an action for the driver.
  mutating func perform(_ action: TestRun.Action) { actions.append(action) }

  /// Removes and returns the actions for the driver, in order.
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

  /// Opens a network client with a single request, and sends it. Returns the client's number.
  mutating func open(
    _ role: (TimerID) -> ClientTable.Role, request: Request, to node: Int, timeout: Duration
  ) -> Int {
    let client = clients.nextNumber
    let timer = schedule(.requestTimeout(client: client), at: now + timeout)
    clients.open(role(timer))
    send(request, id: 1, from: client, to: node)
    return client
  }

  /// Sends a client's request. `id` is its `msg_id`.
  mutating func send(_ request: Request, id: Int, from client: Int, to node: Int) {
    var writer = JSONWriter()
    writer.object {
      $0.field("src", ClientTable.name(of: client))
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
