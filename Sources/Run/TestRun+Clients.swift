import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// One client thread: it runs one process at a time, and a new one when that crashes.
struct Worker {
  /// The operation under way.
  struct Pending {
    let invocation: Invocation
    /// The `msg_id` of the request sent last.
    let requestID: Int64
    let timer: TimerID
  }

  let thread: Int
  var process: Int
  var node: Int
  /// The number in the name of the network client.
  var client: Int {
    didSet { name = Self.name(ofClient: client) }
  }
  /// The name of the network client.
  private(set) var name: String
  var session: any Client
  var nextRequestID: Int64 = 1
  var pending: Pending?
  /// What it has left to do after recovery; nil before, and when it is done.
  var finalOperations: (any FinalOperations)?
  /// What its node has yet to answer, if it is there to find out whether that does.
  var probe: Probe?

  init(thread: Int, process: Int, node: Int, client: Int, session: any Client) {
    self.thread = thread
    self.process = process
    self.node = node
    self.client = client
    self.session = session
    name = Self.name(ofClient: client)
  }

  static func name(ofClient client: Int) -> String { "c" + String(client) }
}

/// How far a run has come.
public struct Progress: Sendable {
  /// Operations that clients have begun.
  public var invoked = 0
  /// Those that happened.
  public var ok = 0
  /// Those that did not.
  public var failed = 0
  /// Those whose outcome is unknown (`info`).
  public var indeterminate = 0
  /// Those among them that are crashes of clients, which a workload asks for to have new ones.
  public var crashed = 0
  /// Those that have ended, in whichever way.
  public var completed: Int { ok + failed + indeterminate }
  /// Those that have not ended.
  public var outstanding: Int { invoked - completed }
}

// MARK: - Opening

extension TestRun {
  /// Gives a new network client its name.
  func open(_ role: ClientRole) -> Int {
    clients.append(role)
    return clients.count - 1
  }

  func openWorkers() {
    for thread in 0..<options.concurrency {
      let node = thread % options.nodes.count
      workers.append(
        Worker(
          thread: thread, process: thread, node: node, client: open(.worker(thread)),
          session: workload.makeClient(process: thread, node: options.nodes[node])))
    }
  }

  /// Replaces a crashed process by a new one with a new network client, as Jepsen does.
  private func replaceProcess(_ worker: Int) {
    clients[workers[worker].client] = nil
    if workers[worker].probe == nil {
      // As long as nobody probes, the floor is below.
      let rounds = max(
        1, (processFloor - workers[worker].process + options.concurrency - 1) / options.concurrency)
      workers[worker].process += rounds * options.concurrency
      workers[worker].node = workers[worker].process % options.nodes.count
    } else {
      workers[worker].process = takeProcess()
    }
    let (process, node) = (workers[worker].process, options.nodes[workers[worker].node])
    workers[worker].client = open(.worker(worker))
    workers[worker].session = workload.makeClient(process: process, node: node)
    workers[worker].nextRequestID = 1
  }

  func send(_ request: Request, id: Int64, from client: Int, to node: Int) {
    var writer = JSONWriter()
    writer.object {
      $0.field("src", Worker.name(ofClient: client))
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

// MARK: - Operations

extension TestRun {
  /// Invokes the next operation, and schedules the one after it.
  ///
  /// The free workers take turns, as Jepsen's threads do.
  /// Staggered as Jepsen's generator: the next instant is drawn uniformly from 0 to twice the
  /// mean interval after this one was due. So a driver that is a little late makes up for it;
  /// the time for which no worker was free is not made up for.
  func invokeNext() {
    guard generated < options.operationLimit else { return }
    let turns = (nextWorker..<nextWorker + workers.count).lazy.map { $0 % self.workers.count }
    guard let worker = turns.first(where: { workers[$0].pending == nil }),
      let invocation = workload.nextInvocation(&random)
    else { return }
    nextWorker = worker + 1
    if !options.skippedOperations.contains(generated) { invoke(invocation, on: worker) }
    generated += 1
    operationDue += drawInterval()
    scheduleNext()
  }

  /// In whole nanoseconds; what is cut off is added to the next one, so that the mean is as it was asked for.
  private func drawInterval() -> Duration {
    // A century at most: to that, instants can be added.
    let exact = min(random.unit() * 2e9 / options.rate + intervalRemainder, 3e18)
    let whole = exact.rounded(.down)
    intervalRemainder = exact - whole
    return .nanoseconds(Int64(whole))
  }

  /// Has the next operation invoked when it is due. While no worker is free no timer is set: it would
  /// cost a driver in real time a turn of its own, to no end.
  private func scheduleNext() {
    waitingForWorker = progress.outstanding == workers.count
    if !waitingForWorker { _ = schedule(.nextOperation, at: operationDue) }
  }

  /// Goes on when a worker has become free: at once, if the next operation is overdue.
  private func resumeOperations() {
    waitingForWorker = false
    guard operationDue < now else { return scheduleNext() }
    operationDue = now
    invokeNext()
  }

  /// Starts every client thread on what it does after recovery.
  func invokeFinal() {
    // All of them are given something to do before the first one can be done.
    for worker in workers.indices { workers[worker].finalOperations = workload.makeFinalOperations() }
    for worker in workers.indices { invokeNextFinal(on: worker) }
  }

  private func invokeNextFinal(on worker: Int) {
    guard let next = workers[worker].finalOperations?.next(at: now, &random) else {
      workers[worker].finalOperations = nil
      return
    }
    if next.due <= now {
      invoke(next.invocation, on: worker)
    } else {
      _ = schedule(.finalOperation(next.invocation, worker: worker), at: next.due)
    }
  }

  func invoke(_ invocation: Invocation, on worker: Int) {
    progress.invoked += 1
    record(.invoke, invocation, worker, value: invocation.value)
    step(workers[worker].session.invoke(invocation), invocation, worker)
  }

  private func step(_ step: ClientStep, _ invocation: Invocation, _ worker: Int) {
    switch step {
    case .send(let request):
      let id = workers[worker].nextRequestID
      let client = workers[worker].client
      let timer = schedule(.requestTimeout(client: client), at: now + TestOptions.requestTimeout)
      workers[worker].nextRequestID += 1
      workers[worker].pending = Worker.Pending(invocation: invocation, requestID: id, timer: timer)
      send(request, id: id, from: client, to: workers[worker].node)
    case .complete(let outcome):
      complete(invocation, outcome, worker)
    }
  }

  private func complete(_ invocation: Invocation, _ outcome: Outcome, _ worker: Int) {
    workers[worker].pending = nil
    switch outcome {
    case .ok(let value):
      progress.ok += 1
      record(.ok, invocation, worker, value: value)
    case .fail(let error):
      progress.failed += 1
      record(.fail, invocation, worker, value: invocation.value, error: error)
    case .info(let error):
      progress.indeterminate += 1
      if invocation.function == "crash" { progress.crashed += 1 }
      record(.info, invocation, worker, value: invocation.value, error: error)
      replaceProcess(worker)
    }
    if phase == .final { invokeNextFinal(on: worker) }
    if phase == .liveness { probeEnded(outcome, on: worker) }
    if waitingForWorker, phase == .running { resumeOperations() }
    drained()
  }

  private func record(
    _ kind: Operation.Kind, _ invocation: Invocation, _ worker: Int, value: RawJSON?,
    error: OperationError? = nil
  ) {
    let operation = history.append(
      Operation(
        time: relativeNow, process: .client(workers[worker].process), kind: kind,
        function: invocation.function,
        value: value, error: error, isFinal: invocation.isFinal, node: options.nodes[workers[worker].node],
        client: workers[worker].name))
    guard kind != .invoke else { return }
    workload.observe(operation)
    workers[worker].finalOperations?.observe(operation)
  }

  /// The instant on the history's clock, whose zero is the first operation.
  var relativeNow: Instant { Instant(nanoseconds: now.nanoseconds - origin.nanoseconds) }
}

// MARK: - Replies

extension TestRun {
  /// Takes a message addressed to a client; one that nobody waits for is dropped.
  func receive(_ message: Message, for client: Int) {
    switch clients[client] {
    case .initializing(let node, let timer):
      guard message.inReplyTo == 1 else { return }
      close(client, timer)
      network.admit(node)
      completeSetup(of: node, message, expected: "init_ok")
    case .setup(let node, let timer):
      guard message.inReplyTo == 1 else { return }
      close(client, timer)
      completeSetup(of: node, message, expected: (workload.setupRequest()?.type ?? "") + "_ok")
    case .worker(let worker):
      guard let pending = workers[worker].pending, message.inReplyTo == pending.requestID else { return }
      cancel(pending.timer)
      workers[worker].pending = nil
      if message.type == "error" {
        complete(
          pending.invocation, outcome(of: RPCError(reply: message), pending.invocation, worker), worker)
      } else {
        step(workers[worker].session.receive(message), pending.invocation, worker)
      }
    case nil: break
    }
  }

  func timeOut(_ client: Int) {
    switch clients[client] {
    case .initializing(let node, _) where paused.contains(node):
      let timer = schedule(.requestTimeout(client: client), at: now + TestOptions.initTimeout)
      clients[client] = .initializing(node: node, timer: timer)
    case .initializing(let node, _): fail(RunFailure(.noAnswer(to: "init"), node: options.nodes[node]))
    case .setup(let node, _):
      fail(RunFailure(.noAnswer(to: workload.setupRequest()?.type ?? "setup"), node: options.nodes[node]))
    case .worker(let worker):
      guard let pending = workers[worker].pending else { return }
      let error = OperationError(name: "net-timeout")
      let failed = workers[worker].session.isIdempotent(pending.invocation)
      complete(pending.invocation, failed ? .fail(error) : .info(error), worker)
    case nil: break
    }
  }

  /// Stops waiting for a node that has been killed to answer `init`.
  func abandonInitialization(of node: Int) {
    for client in clients.indices {
      if case .initializing(node, let timer) = clients[client] { close(client, timer) }
    }
  }

  private func close(_ client: Int, _ timer: TimerID) {
    cancel(timer)
    clients[client] = nil
  }

  private func outcome(of error: RPCError, _ invocation: Invocation, _ worker: Int) -> Outcome {
    let definite = error.isDefinite || workers[worker].session.isIdempotent(invocation)
    let reason = OperationError(
      name: error.name ?? "error-\(error.code)", text: error.text.isEmpty ? nil : error.text)
    return definite ? .fail(reason) : .info(reason)
  }
}
