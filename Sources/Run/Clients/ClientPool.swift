import EddyHistory
import EddyNode
import EddyTiming

/// The clients of a run: one worker per client thread, with the operations that each invokes.
///
/// Each worker has at most one outstanding operation. When it completes, the worker continues with the next
/// due operation, its next final operation, or its next probe.
struct ClientPool {
  private(set) var progress = Progress()

  var workload: any Workload
  var workers: [Worker] = []
  /// The schedule of operations; nil before and after the phase in which workers take turns.
  var pacing: OperationPacing?
  /// Whether the next operation waits for a free worker.
  var isWaitingForWorker = false
  /// The worker whose turn is next.
  var nextTurn = 0
  /// The number of operations generated, without final ones.
  var generatedCount = 0
  /// Greater than the numbers of all processes that have probed. New processes have at least this number.
  private var processFloor = 0

  init(_ workload: any Workload) { self.workload = workload }

  /// Whether no operation is outstanding and no worker has final operations or a probe left.
  var isIdle: Bool { progress.outstanding == 0 && workers.allSatisfy { !$0.hasWork } }
}

// MARK: - Workers

extension ClientPool {
  /// Opens a worker for each client thread.
  mutating func open(in context: inout RunContext) {
    for thread in 0..<context.options.concurrency {
      open(process: thread, node: thread % context.options.nodes.count, in: &context)
    }
  }

  private mutating func open(process: Int, node: Int, in context: inout RunContext) {
    let client = context.clients.open(.worker(workers.count))
    let session = workload.makeClient(process: process, node: context.options.nodes[node])
    workers.append(
      Worker(thread: workers.count, process: process, node: node, client: client, session: session))
  }

  /// Replaces a crashed process by a new one with a new network client, as Jepsen does.
  ///
  /// The new number is the old one plus a multiple of the concurrency. A probing process gets the lowest
  /// number above all others.
  private mutating func replaceProcess(of worker: Int, in context: inout RunContext) {
    let old = workers[worker]
    context.clients.close(old.client)
    let (process, node): (Int, Int)
    if old.probe == nil {
      let step = context.options.concurrency
      let missing = processFloor - old.process
      process = old.process + max(1, (missing + step - 1) / step) * step
      node = process % context.options.nodes.count
    } else {
      (process, node) = (takeProcess(), old.node)
    }
    let client = context.clients.open(.worker(worker))
    let session = workload.makeClient(process: process, node: context.options.nodes[node])
    workers[worker] = old.running(process: process, node: node, client: client, session: session)
  }

  private mutating func takeProcess() -> Int {
    defer { processFloor += 1 }
    return processFloor
  }
}

// MARK: - Requests and replies

extension ClientPool {
  /// Invokes an operation on a worker.
  mutating func invoke(_ invocation: Invocation, on worker: Int, in context: inout RunContext) {
    progress.invoked += 1
    record(.invoke, invocation, worker, value: invocation.value, in: &context)
    carryOut(workers[worker].invoke(invocation), invocation, worker, in: &context)
  }

  /// Takes a reply for a worker. Drops it if the worker does not wait for it.
  mutating func receive(_ reply: Message, for worker: Int, in context: inout RunContext) {
    guard let pending = workers[worker].pending, reply.inReplyTo == pending.requestID else { return }
    context.cancel(pending.timer)
    workers[worker].pending = nil
    if reply.type == "error" {
      complete(
        pending.invocation, outcome(of: RPCError(reply: reply), pending.invocation, worker), worker,
        in: &context)
    } else {
      carryOut(workers[worker].receive(reply), pending.invocation, worker, in: &context)
    }
  }

  /// Completes a worker's operation whose request has timed out.
  mutating func timeOut(_ worker: Int, in context: inout RunContext) {
    guard let pending = workers[worker].pending else { return }
    let error = OperationError(name: "net-timeout")
    let failed = workers[worker].session.isIdempotent(pending.invocation)
    complete(pending.invocation, failed ? .fail(error) : .info(error), worker, in: &context)
  }

  private func outcome(of error: RPCError, _ invocation: Invocation, _ worker: Int) -> Outcome {
    let definite = error.isDefinite || workers[worker].session.isIdempotent(invocation)
    let reason = OperationError(
      name: error.name ?? "error-\(error.code)", text: error.text.isEmpty ? nil : error.text)
    return definite ? .fail(reason) : .info(reason)
  }

  private mutating func carryOut(
    _ step: ClientStep, _ invocation: Invocation, _ worker: Int, in context: inout RunContext
  ) {
    switch step {
    case .send(let request):
      let (client, node) = (workers[worker].client, workers[worker].node)
      let timer = context.schedule(
        .requestTimeout(client: client), at: context.now + workload.requestTimeout)
      let id = workers[worker].takeRequestID()
      workers[worker].pending = Worker.Pending(invocation: invocation, requestID: id, timer: timer)
      context.send(request, id: id, from: client, to: node)
    case .complete(let outcome): complete(invocation, outcome, worker, in: &context)
    }
  }

  private mutating func complete(
    _ invocation: Invocation, _ outcome: Outcome, _ worker: Int, in context: inout RunContext
  ) {
    workers[worker].pending = nil
    progress.note(outcome, of: invocation)
    switch outcome {
    case .ok(let value): record(.ok, invocation, worker, value: value, in: &context)
    case .fail(let error): record(.fail, invocation, worker, value: invocation.value, error, in: &context)
    case .info(let error):
      record(.info, invocation, worker, value: invocation.value, error, in: &context)
      replaceProcess(of: worker, in: &context)
    }
    switch workers[worker].assignment {
    case .operations: resumeOperations(in: &context)
    case .finalOperations: invokeNextFinal(on: worker, in: &context)
    case .probe: continueProbe(after: outcome, on: worker, in: &context)
    }
  }

  private mutating func record(
    _ kind: Operation.Kind, _ invocation: Invocation, _ worker: Int, value: RawJSON?,
    _ error: OperationError? = nil, in context: inout RunContext
  ) {
    let (process, node) = (workers[worker].process, context.options.nodes[workers[worker].node])
    let operation = context.history.append(
      Operation(
        time: context.relativeNow, process: .client(process), kind: kind, function: invocation.function,
        value: value, error: error, isFinal: invocation.isFinal, node: node, client: workers[worker].name))
    guard kind != .invoke else { return }
    workload.observe(operation)
    if case .finalOperations(var operations) = workers[worker].assignment {
      operations.observe(operation)
      workers[worker].assignment = .finalOperations(operations)
    }
  }
}

// MARK: - Liveness

extension ClientPool {
  /// The time between a failed probe and the next attempt.
  private static let probeInterval = Duration.milliseconds(100)

  /// Opens additional workers that ask every node for every probed function.
  mutating func openProbes(in context: inout RunContext) {
    processFloor = (workers.map(\.process).max() ?? 0) + 1
    let first = workers.count
    for node in context.options.nodes.indices {
      for functions in workload.probedFunctions {
        open(process: takeProcess(), node: node, in: &context)
        workers[workers.count - 1].assignment = .probe(Probe(functions))
      }
    }
    for worker in first..<workers.count { invokeProbe(on: worker, in: &context) }
  }

  /// Invokes the function that a worker's node must answer next.
  mutating func invokeProbe(on worker: Int, in context: inout RunContext) {
    guard workers.indices.contains(worker), let function = workers[worker].probe?.next else { return }
    invoke(workload.invocation(of: function, &context.random), on: worker, in: &context)
  }

  private mutating func continueProbe(
    after outcome: Outcome, on worker: Int, in context: inout RunContext
  ) {
    guard case .probe(var probe) = workers[worker].assignment else { return }
    probe.noteOutcome(outcome)
    workers[worker].assignment = .probe(probe)
    if case .ok = outcome { return invokeProbe(on: worker, in: &context) }
    if !probe.isOver { context.schedule(.probe(worker: worker), at: context.now + Self.probeInterval) }
  }

  /// Stops further attempts. Outstanding operations may still complete.
  mutating func expireProbes() {
    for worker in workers.indices {
      guard case .probe(var probe) = workers[worker].assignment else { continue }
      probe.expire()
      workers[worker].assignment = .probe(probe)
    }
  }

  /// Removes the probing workers.
  mutating func closeProbes(in context: inout RunContext) {
    for worker in workers where worker.probe != nil { context.clients.close(worker.client) }
    workers.removeAll { $0.probe != nil }
  }
}
