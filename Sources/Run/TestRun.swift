public import EddyHistory
public import EddyNetwork
import EddyNode
public import EddyTiming

/// One run of a workload against a cluster, without IO: the network, the clients, the nemesis
/// and the history, driven by whoever hosts the nodes.
///
/// A driver calls ``begin(at:)`` once, then ``receive(_:from:at:)`` with every line that a node
/// prints and ``advance(to:)`` no later than ``nextDeadline``; after each it carries out
/// ``takeActions()``. The run is over when ``isFinished``. The same inputs at the same
/// instants with the same options give the same actions and the same history.
///
/// The course of a run is Maelstrom's: `init`, the workload's setup, operations until the time
/// limit with faults, then everything heals, ten seconds of rest, final operations. With a liveness
/// bound there is a phase more: when everything has healed, every node must answer.
public final class TestRun {
  /// What the driver is asked to do.
  public enum Action {
    /// Start a node's program; it gets its `init` next.
    case start(node: Int)
    /// Hand a line, without newline, to a node's standard input.
    case deliver(line: [UInt8], node: Int)
    /// End a node with SIGKILL, or what comes to that.
    case kill(node: Int)
    /// Stop a node where it is.
    case pause(node: Int)
    /// Let it go on.
    case resume(node: Int)
  }

  /// Where the run is.
  public enum Phase: Sendable, Equatable {
    /// In this order; a run without final operations has neither recovery nor them, one without a
    /// liveness bound has no liveness.
    case initializing, setup, running, draining, liveness, recovering, final, finished
    /// It could not go on, for this reason.
    case failed(RunFailure)
  }

  // Every message goes through these properties, and checking each access for exclusivity at run time
  // would cost a tenth of it. No access is open while a workload or a service is called, but for that
  // to itself and to the generator it is handed; neither knows the run.

  /// What decides the run.
  public let options: TestOptions
  /// Where it is now.
  @exclusivity(unchecked) public internal(set) var phase = Phase.initializing
  /// What is between the nodes, with its statistics and its journal.
  @exclusivity(unchecked) public package(set) var network: Network
  /// What clients and the nemesis have done so far.
  @exclusivity(unchecked) public internal(set) var history = History()
  /// When operations began: the history's zero.
  public private(set) var origin = Instant.zero
  /// The driver's clock, as it was last told.
  @exclusivity(unchecked) public private(set) var now = Instant.zero
  /// The client operations invoked and completed so far.
  @exclusivity(unchecked) public internal(set) var progress = Progress()

  @exclusivity(unchecked) var workload: any Workload
  @exclusivity(unchecked) var workers: [Worker] = []
  /// The worker or setup request that a client's name stands for; forgotten clients are nil.
  @exclusivity(unchecked) var clients: [ClientRole?] = []
  var nemesis: Nemesis?
  private var services: Services
  @exclusivity(unchecked) var random: SeededGenerator
  /// The nodes that are paused: they cannot be blamed for not answering.
  var paused: Set<Int> = []
  @exclusivity(unchecked) private var timers = TimerQueue<Timer>()
  @exclusivity(unchecked) private var actions: [Action] = []
  /// The nodes and the services; clients are too many.
  private let namedEndpoints: [String: Network.Endpoint]
  /// What the message received last was parsed into: the next one's, if nobody has kept it.
  @exclusivity(unchecked) private var storage: MessageStorage?
  /// True while the next operation, due or not, has no worker that is free.
  var waitingForWorker = false
  /// When the next operation is, or was, to be invoked.
  var operationDue = Instant.zero
  /// What was cut off the last interval between operations, in nanoseconds.
  var intervalRemainder = 0.0
  /// Whose turn it is to be given an operation, if free.
  var nextWorker = 0
  /// How many operations have been generated, final ones apart.
  var generated = 0
  /// Greater than the numbers of all processes that have probed; new processes have no smaller ones.
  var processFloor = 0
  /// How much nodes may take up.
  package var limits = RunLimits()
  /// How many messages nodes have sent at this instant.
  private var burst = 0
  /// Nodes that have yet to answer `init` or the setup request.
  private var awaited: Set<Int> = []
  /// Nodes that have yet to be sent it.
  private var queued = 0..<0
  /// How many nodes are to answer at a time. Of a thousand processes that start at once, none would in time.
  private static let setupsAtATime = 64

  /// What waits on the clock.
  enum Timer {
    case requestTimeout(client: Int)
    case nextOperation
    case nemesis
    case endOfOperations
    case endOfRecovery
    case finalOperation(Invocation, worker: Int)
    case probe(worker: Int)
    case endOfLiveness
  }

  /// What a client of the network is there for.
  enum ClientRole {
    case initializing(node: Int, timer: TimerID)
    case setup(node: Int, timer: TimerID)
    case worker(Int)
  }

  /// A run that has not begun.
  public init(_ options: TestOptions, workload: any Workload) {
    precondition(options.rate <= TestOptions.highestRate, "no clock could tell one operation from the next")
    precondition(options.nemesisInterval >= TestOptions.shortestNemesisInterval, "faults must take time")
    self.options = options
    self.workload = workload
    random = SeededGenerator(seed: options.seed)
    network = Network(
      nodes: options.nodes.count, latency: options.latency, receivers: options.receivers,
      random: random.split())
    services = Services(seed: options.seed)
    let nodes = options.nodes.enumerated().map { ($1, Network.Endpoint.node($0)) }
    let others = services.names.map { ($0, Network.Endpoint.service($0)) }
    namedEndpoints = Dictionary(nodes + others) { node, _ in node }
  }

  /// Whether it has finished or failed.
  public var isFinished: Bool {
    switch phase {
    case .finished, .failed: true
    default: false
    }
  }

  /// The faults in force now.
  public var activeFaults: [Fault] { nemesis?.activeFaults ?? [] }

  /// When ``advance(to:)`` is next due; nil once the run is over.
  public var nextDeadline: Instant? {
    isFinished ? nil : .earliest(timers.nextDeadline, network.nextDeadline)
  }

  /// Takes what the driver has to do, in order.
  public func takeActions() -> [Action] {
    defer { actions.removeAll(keepingCapacity: true) }
    return actions
  }

  func perform(_ action: Action) { actions.append(action) }

  func schedule(_ timer: Timer, at deadline: Instant) -> TimerID { timers.insert(timer, at: deadline) }

  func cancel(_ timer: TimerID) { timers.remove(timer) }
}

// MARK: - Inputs

extension TestRun {
  /// Starts all nodes and sends them `init`.
  public func begin(at now: Instant) {
    self.now = now
    queued = options.nodes.indices
    for node in queued { network.start(node) }
    setUpQueued()
    pump()
  }

  /// Takes one line that a node has printed, without its newline.
  public func receive(_ line: UnsafeRawBufferPointer, from node: Int, at now: Instant) {
    guard !isFinished else { return }
    move(to: now)
    burst += 1
    guard burst <= limits.burst else {
      return fail(RunFailure(.endlessExchange(count: limits.burst), node: options.nodes[node]))
    }
    do throws(RunFailure) {
      let message = try parse(line, from: node)
      let (source, destination) = (message.source, message.destination)
      // Its source is only looked up: who spoke is known.
      guard source == options.nodes[node] || endpoint(source) != nil else {
        throw RunFailure(.unknownSource(source, Array(line)), node: options.nodes[node])
      }
      guard let receiver = endpoint(destination) else {
        throw RunFailure(.unknownDestination(destination, Array(line)), node: options.nodes[node])
      }
      network.send(Array(line), parsed: message, from: .node(node), to: receiver, at: self.now)
      pump()
    } catch {
      fail(error)
    }
    guard network.load.exceeds(limits.underWay) else { return }
    fail(RunFailure(.messagesUnderWay(network.load, limit: limits.underWay), node: options.nodes[node]))
  }

  /// Delivers every message and runs every timer that is due by `now`.
  public func advance(to now: Instant) {
    guard !isFinished else { return }
    move(to: now)
    pump()
    while !isFinished, let due = timers.popDue(at: self.now) {
      run(due.element)
      pump()
    }
  }

  /// Ends the run because of what a node did.
  public func fail(_ failure: RunFailure) {
    guard !isFinished else { return }
    var failure = failure
    failure.traffic = traffic(of: failure.cause)
    phase = .failed(failure)
  }

  private func move(to now: Instant) {
    guard now > self.now else { return }
    self.now = now
    burst = 0
  }

  private func pump() {
    while !isFinished, let envelope = network.deliver(at: now) { deliver(envelope) }
  }

  private func deliver(_ envelope: Network.Envelope) {
    switch envelope.destination {
    case .node(let node): perform(.deliver(line: envelope.line, node: node))
    case .client(let client): receive(envelope.message, for: client)
    case .service:
      guard case .node(let node) = envelope.source else { preconditionFailure("only nodes know of services") }
      services.serve(envelope, from: options.nodes[node], through: &network, at: now)
    }
  }

  private func parse(_ line: UnsafeRawBufferPointer, from node: Int) throws(RunFailure) -> Message {
    let message: Message
    do throws(JSONError) {
      message = try Message(parsing: line, reusing: &storage)
    } catch {
      throw RunFailure(
        .malformedLine(Array(line), offset: error.offset, reason: error.reason), node: options.nodes[node])
    }
    if let (key, offset) = message.additionalKey {
      throw RunFailure(.additionalKey(key, Array(line), offset: offset), node: options.nodes[node])
    }
    return message
  }

  /// Whom a name stands for; nil if for nobody.
  private func endpoint(_ name: String) -> Network.Endpoint? {
    if let endpoint = namedEndpoints[name] { return endpoint }
    // "c5" is client 5; "c+5" and "c05", which read as the same number, are nobody.
    guard let number = Int(name.dropFirst()), clients.indices.contains(number),
      name == Worker.name(ofClient: number)
    else { return nil }
    return .client(number)
  }
}

// MARK: - Phases

extension TestRun {
  /// Starts nodes, or sends them the setup request.
  private func setUpQueued() {
    while awaited.count < Self.setupsAtATime, let node = queued.popFirst() {
      if phase == .setup {
        requestSetup(of: node)
      } else {
        perform(.start(node: node))
        initialize(node)
      }
    }
  }

  /// Sends a node its `init`, from a client of its own.
  func initialize(_ node: Int) {
    awaited.insert(node)
    let timer = schedule(.requestTimeout(client: clients.count), at: now + TestOptions.initTimeout)
    let client = open(.initializing(node: node, timer: timer))
    let names = options.nodes
    send(
      Request("init") {
        $0.field("node_id", names[node])
        $0.field("node_ids") { $0.value(names) }
      }, id: 1, from: client, to: node)
  }

  private func requestSetup(of node: Int) {
    guard let request = workload.setupRequest() else { return }
    awaited.insert(node)
    let timer = schedule(.requestTimeout(client: clients.count), at: now + TestOptions.requestTimeout)
    send(request, id: 1, from: open(.setup(node: node, timer: timer)), to: node)
  }

  /// Handles the reply to `init` or to the setup request.
  func completeSetup(of node: Int, _ reply: Message, expected: String) {
    guard reply.type == expected else {
      return fail(
        RunFailure(
          .setupFailed(expected: expected, got: reply.rawBody.description), node: options.nodes[node]))
    }
    awaited.remove(node)
    setUpQueued()
    guard awaited.isEmpty else { return }
    if phase == .initializing, workload.setupRequest() != nil {
      phase = .setup
      queued = options.nodes.indices
      setUpQueued()
    } else if phase == .initializing || phase == .setup {
      startOperations()
    }
  }

  private func startOperations() {
    phase = .running
    origin = now
    openWorkers()
    nemesis = Nemesis(options, random: random.split(), start: now)
    _ = schedule(.endOfOperations, at: now + options.timeLimit)
    operationDue = now
    if options.rate > 0 { _ = schedule(.nextOperation, at: now) }
    scheduleNemesis()
  }

  private func run(_ timer: Timer) {
    switch timer {
    case .requestTimeout(let client): timeOut(client)
    case .nextOperation where phase == .running: invokeNext()
    case .nemesis where phase == .running:
      for action in nemesis?.act(at: now) ?? [] { apply(action) }
      scheduleNemesis()
    case .endOfOperations:
      phase = .draining
      drained()
    case .endOfRecovery:
      phase = .final
      invokeFinal()
      drained()
    case .finalOperation(let invocation, let worker): invoke(invocation, on: worker)
    case .probe(let worker): probe(worker)
    case .endOfLiveness: endProbes()
    case .nextOperation, .nemesis: break  // their time is over
    }
  }

  /// Goes on to the next phase if no operation is outstanding.
  func drained() {
    guard phase == .draining || phase == .liveness || phase == .final, progress.outstanding == 0,
      workers.allSatisfy({ $0.finalOperations == nil && $0.probe?.isOver ?? true })
    else { return }
    switch phase {
    case .draining:
      if let bound = options.livenessBound { beginLiveness(bound) } else { recover() }
    case .liveness:
      closeProbes()
      recover()
    case .final: phase = .finished
    default: break
    }
  }

  /// Has the cluster rest before the final operations; without any the run is over.
  private func recover() {
    guard workload.makeFinalOperations() != nil else {
      phase = .finished
      return
    }
    heal()
    phase = .recovering
    _ = schedule(.endOfRecovery, at: now + TestOptions.recoveryTime)
  }

  /// Ends all faults, for good.
  func heal() {
    for action in nemesis?.stopAll() ?? [] { apply(action) }
  }

  private func scheduleNemesis() {
    if let next = nemesis?.nextDeadline { _ = schedule(.nemesis, at: next) }
  }
}
