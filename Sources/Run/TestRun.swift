public import EddyHistory
public import EddyNetwork
import EddyNode
public import EddyTiming

/// One run of a workload against a cluster, without IO: the network, the clients, the faults and the history.
/// A driver hosts the nodes.
///
/// The driver calls ``begin(at:)`` once, then ``receive(_:from:at:)`` with every line that a node prints, and
/// ``advance(to:)`` no later than ``nextDeadline``. After each call it carries out ``takeActions()``. The run
/// is over when ``isFinished`` is true. The same options and the same inputs at the same instants give the
/// same actions and the same history.
///
/// The phases are Maelstrom's: `init`, the workload's setup, operations with faults until the time limit,
/// then all faults end, ten seconds of recovery, and final operations. A liveness bound adds a phase before
/// recovery: with all faults ended, every node must answer.
///
/// `Setup` initializes nodes, `ClientPool` invokes operations, and `FaultInjector` chooses faults. Each has
/// its own state. The run passes events to them and moves from phase to phase.
public final class TestRun {
  /// A request to the driver.
  public enum Action {
    /// Start a node's program. Its `init` follows.
    case start(node: Int)
    /// Write a line, given without newline, to a node's standard input.
    case deliver(line: [UInt8], node: Int)
    /// Kill a node, as with SIGKILL.
    case kill(node: Int)
    /// Pause a node, as with SIGSTOP.
    case pause(node: Int)
    /// Resume a paused node, as with SIGCONT.
    case resume(node: Int)
  }

  /// A phase of a run.
  public enum Phase: Sendable, Equatable {
    /// Phases in order. A run without final operations has neither a `recovering` nor a `final` phase; one without a
    /// liveness bound has no `liveness` phase.
    case initializing, setup, running, draining, liveness, recovering, final, finished
    /// The run was ended by this failure.
    case failed(RunFailure)
  }

  // Every message goes through these properties, and dynamic exclusivity checks would take a tenth of its
  // time. They are safe without: no access is open during a call into a workload or a service, except to the
  // workload or service itself and the random generator passed to it, and neither knows the run.

  /// The current phase.
  @exclusivity(unchecked) public internal(set) var phase = Phase.initializing
  @exclusivity(unchecked) var context: RunContext
  @exclusivity(unchecked) var setup: Setup
  @exclusivity(unchecked) var clients: ClientPool
  var nemesis: FaultInjector?
  /// Storage of the last message parsed, reused for the next one unless a message still refers to it.
  @exclusivity(unchecked) private var storage: MessageStorage?
  /// Limits on the memory and disk that nodes use.
  package var limits = ResourceLimits()
  /// The number of messages that nodes have sent at the current instant.
  private var messagesAtThisInstant = 0

  /// Creates a run. It begins with ``begin(at:)``.
  public init(_ options: TestOptions, workload: any Workload) {
    precondition(
      options.rate <= TestOptions.highestRate, "the rate must not exceed one operation per nanosecond")
    precondition(
      options.nemesisInterval >= TestOptions.shortestNemesisInterval,
      "the nemesis interval must not be below its minimum")
    var random = SeededGenerator(seed: options.seed)
    let network = Network(
      nodes: options.nodes.count, latency: options.latency, deliveryOrder: options.deliveryOrder,
      random: random.split())
    context = RunContext(options, network: network, random: random)
    setup = Setup(request: workload.setupRequest())
    clients = ClientPool(workload)
  }
}

// MARK: - State

extension TestRun {
  /// The options of the run.
  public var options: TestOptions { context.options }

  /// The network, with its statistics and its journal.
  public package(set) var network: Network {
    get { context.network }
    _modify { yield &context.network }
  }

  /// The operations of clients and nemesis so far.
  public var history: History { context.history }

  /// The instant at which operations began: the zero of the history's times.
  public var origin: Instant { context.origin }

  /// The driver's time at its last call.
  public var now: Instant { context.now }

  /// Counts of the client operations so far.
  public var progress: Progress { clients.progress }

  /// The active faults.
  public var activeFaults: [Fault] { nemesis?.activeFaults ?? [] }

  /// Whether it has finished or failed.
  public var isFinished: Bool {
    switch phase {
    case .finished, .failed: true
    default: false
    }
  }

  /// When the driver must next call ``advance(to:)``; nil once the run is over.
  public var nextDeadline: Instant? {
    isFinished ? nil : .earliest(context.timers.nextDeadline, context.network.nextDeadline)
  }
}

// MARK: - The driver's side

extension TestRun {
  /// Starts all nodes and sends them `init`.
  public func begin(at now: Instant) {
    context.now = now
    setup.begin(in: &context)
    pump()
  }

  /// Takes a line that a node has printed, given without its newline. A line that is not a valid message to a
  /// known receiver ends the run with a failure.
  public func receive(_ line: UnsafeRawBufferPointer, from node: Int, at now: Instant) {
    guard !isFinished else { return }
    move(to: now)
    messagesAtThisInstant += 1
    guard messagesAtThisInstant <= limits.messagesPerInstant else {
      return fail(RunFailure(.endlessExchange(count: limits.messagesPerInstant), node: options.nodes[node]))
    }
    do throws(RunFailure) {
      let message = try parse(line, from: node)
      let (source, destination) = (message.source, message.destination)
      // The source is only checked: the actual sender is known.
      guard source == context.options.nodes[node] || endpoint(source) != nil else {
        throw RunFailure(.unknownSource(source, Array(line)), node: options.nodes[node])
      }
      guard let receiver = endpoint(destination) else {
        throw RunFailure(.unknownDestination(destination, Array(line)), node: options.nodes[node])
      }
      context.network.send(Array(line), parsed: message, from: .node(node), to: receiver, at: context.now)
      pump()
    } catch {
      fail(error)
    }
    guard context.network.load.exceeds(limits.inFlight) else { return }
    fail(
      RunFailure(.messagesInFlight(context.network.load, limit: limits.inFlight), node: options.nodes[node]))
  }

  /// Delivers all messages and fires all timers that are due by `now`.
  public func advance(to now: Instant) {
    guard !isFinished else { return }
    move(to: now)
    pump()
    while !isFinished, let timer = context.popDueTimer() {
      run(timer)
      enterNextPhase()
      pump()
    }
  }

  /// Removes and returns the actions for the driver, in order.
  public func takeActions() -> [Action] { context.takeActions() }

  /// Makes ``takeRecords()`` return messages as they complete, so that the run does not keep them in memory.
  /// Call it before the run begins. The driver must then call ``takeRecords()`` regularly.
  ///
  /// - Parameter keepsRecentEvents: Whether the driver also calls ``takeRecentEvents()`` regularly.
  public func streamMessages(keepsRecentEvents: Bool = false) {
    precondition(phase == .initializing && progress.invoked == 0, "the run has begun")
    context.network.journal = Journal(isStreamed: true, keepsRecentEvents: keepsRecentEvents)
  }

  /// Removes and returns the records of messages that have completed since the last call. Returns none before
  /// operations begin, because times count from that instant.
  public func takeRecords() -> [MessageRecord] {
    switch phase {
    case .initializing, .setup: []
    default: context.network.journal.takeRecords(since: origin)
    }
  }

  /// Removes and returns the events of messages since the last call; see
  /// ``streamMessages(keepsRecentEvents:)``.
  public func takeRecentEvents() -> [(event: Journal.Event, line: [UInt8])] {
    context.network.journal.takeRecentEvents()
  }

  /// Ends the run with a failure. Does nothing once the run is over.
  public func fail(_ failure: RunFailure) {
    guard !isFinished else { return }
    var failure = failure
    failure.traffic = traffic(of: failure.cause)
    phase = .failed(failure)
  }
}

// MARK: - Messages

extension TestRun {
  private func move(to now: Instant) {
    guard now > context.now else { return }
    context.now = now
    messagesAtThisInstant = 0
  }

  private func pump() {
    while !isFinished, let delivery = context.serviceNetwork.nextDelivery(at: context.now) {
      switch delivery {
      case .line(let line, let node): context.perform(.deliver(line: line, node: node))
      case .message(let message, let client):
        receive(message, for: client)
        enterNextPhase()
      }
    }
  }

  /// Takes a message for a client. Drops it if the client does not wait for it.
  private func receive(_ message: Message, for client: Int) {
    switch context.clients.role(of: client) {
    case .initializing(let node, let timer):
      guard message.inReplyTo == 1 else { return }
      close(client, timer)
      context.network.admit(node)
      completeSetup(of: node, message, request: "init")
    case .settingUp(let node, let timer):
      guard message.inReplyTo == 1 else { return }
      close(client, timer)
      completeSetup(of: node, message, request: setup.request?.type ?? "")
    case .worker(let worker): clients.receive(message, for: worker, in: &context)
    case nil: break
    }
  }

  private func completeSetup(of node: Int, _ reply: Message, request: String) {
    do throws(RunFailure) {
      try setup.receive(reply, to: request, from: node, in: &context)
    } catch {
      fail(error)
    }
  }

  private func close(_ client: Int, _ timer: TimerID) {
    context.cancel(timer)
    context.clients.close(client)
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

  /// The node, service or client with this name; nil if there is none.
  private func endpoint(_ name: String) -> Network.Endpoint? {
    context.serviceNetwork.endpoint(named: name) ?? context.clients.client(named: name).map { .client($0) }
  }
}
