public import EddyHistory
public import EddyNetwork
import EddyNode
public import EddyTiming

/// One run of a workload against a cluster, without IO: the network, the clients, the faults
/// and the history, driven by whoever hosts the nodes.
///
/// A driver calls ``begin(at:)`` once, then ``receive(_:from:at:)`` with every line that a node
/// prints and ``advance(to:)`` no later than ``nextDeadline``; after each it carries out
/// ``takeActions()``. The run is over when ``isFinished``. The same inputs at the same
/// instants with the same options give the same actions and the same history.
///
/// The course of a run is Maelstrom's: `init`, the workload's setup, operations until the time
/// limit with faults, then everything heals, ten seconds of rest, final operations. With a liveness
/// bound there is one phase more: when everything has healed, every node must answer.
///
/// `Setup` brings nodes up, `ClientPool` invokes operations, the faults' part decides what goes wrong.
/// Each has its own state. The run hands each what concerns it, and moves from phase to phase.
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

  /// Where it is now.
  @exclusivity(unchecked) public internal(set) var phase = Phase.initializing
  @exclusivity(unchecked) var context: RunContext
  @exclusivity(unchecked) var setup: Setup
  @exclusivity(unchecked) var clients: ClientPool
  var nemesis: FaultInjector?
  /// What the message received last was parsed into: the next one's, if nobody has kept it.
  @exclusivity(unchecked) private var storage: MessageStorage?
  /// How much nodes may take up.
  package var limits = RunLimits()
  /// How many messages nodes have sent at this instant.
  private var burst = 0

  /// A run that has not begun.
  public init(_ options: TestOptions, workload: any Workload) {
    precondition(options.rate <= TestOptions.highestRate, "no clock could tell one operation from the next")
    precondition(options.nemesisInterval >= TestOptions.shortestNemesisInterval, "faults must take time")
    var random = SeededGenerator(seed: options.seed)
    let network = Network(
      nodes: options.nodes.count, latency: options.latency, receivers: options.receivers,
      random: random.split())
    context = RunContext(options, network: network, random: random)
    setup = Setup(request: workload.setupRequest())
    clients = ClientPool(workload)
  }
}

// MARK: - What there is to see

extension TestRun {
  /// What decides the run.
  public var options: TestOptions { context.options }

  /// What is between the nodes, with its statistics and its journal.
  public package(set) var network: Network {
    get { context.network }
    _modify { yield &context.network }
  }

  /// What clients and the nemesis have done so far.
  public var history: History { context.history }

  /// When operations began: the history's zero.
  public var origin: Instant { context.origin }

  /// The driver's clock, as it was last told.
  public var now: Instant { context.now }

  /// The client operations invoked and completed so far.
  public var progress: Progress { clients.progress }

  /// The faults in force now.
  public var activeFaults: [Fault] { nemesis?.activeFaults ?? [] }

  /// Whether it has finished or failed.
  public var isFinished: Bool {
    switch phase {
    case .finished, .failed: true
    default: false
    }
  }

  /// When ``advance(to:)`` is next due; nil once the run is over.
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
    guard context.network.load.exceeds(limits.underWay) else { return }
    fail(
      RunFailure(.messagesUnderWay(context.network.load, limit: limits.underWay), node: options.nodes[node]))
  }

  /// Delivers every message and runs every timer that is due by `now`.
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

  /// Takes what the driver has to do, in order.
  public func takeActions() -> [Action] { context.takeActions() }

  /// Has ``takeRecords()`` hand out what becomes of messages while the run goes on, so that they take no memory.
  /// To be called before the run begins, by a driver that then calls that regularly.
  ///
  /// - Parameter keepsRecentEvents: Whether the driver takes those of the journal too.
  public func streamMessages(keepsRecentEvents: Bool = false) {
    precondition(phase == .initializing && progress.invoked == 0, "the run has begun")
    context.network.journal = Journal(isStreamed: true, keepsRecentEvents: keepsRecentEvents)
  }

  /// Takes the records of messages of which nothing more can become, since it was last called. There are none
  /// before operations begin, from which their times count.
  public func takeRecords() -> [MessageRecord] {
    switch phase {
    case .initializing, .setup: []
    default: context.network.journal.takeRecords(since: origin)
    }
  }

  /// Takes what happened to messages since it was last called; see ``streamMessages(keepsRecentEvents:)``.
  public func takeRecentEvents() -> [(event: Journal.Event, line: [UInt8])] {
    context.network.journal.takeRecentEvents()
  }

  /// Ends the run because of what a node did.
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
    burst = 0
  }

  private func pump() {
    while !isFinished, let delivery = context.cluster.nextDelivery(at: context.now) {
      switch delivery {
      case .line(let line, let node): context.perform(.deliver(line: line, node: node))
      case .message(let message, let client):
        receive(message, for: client)
        enterNextPhase()
      }
    }
  }

  /// Takes a message addressed to a client; one that nobody waits for is dropped.
  private func receive(_ message: Message, for client: Int) {
    switch context.directory.role(of: client) {
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
    context.directory.close(client)
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
    context.cluster.endpoint(named: name) ?? context.directory.client(named: name).map { .client($0) }
  }
}
