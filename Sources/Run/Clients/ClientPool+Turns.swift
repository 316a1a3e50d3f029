import EddyTiming

// Operations before the time limit, which workers take in turn, and final operations, which each worker does
// on its own.

extension ClientPool {
  /// Starts the workload's operations.
  mutating func beginOperations(in context: inout RunContext) {
    pacing = OperationPacing(rate: context.options.rate, start: context.now)
    if context.options.rate > 0 { context.schedule(.nextOperation, at: context.now) }
  }

  /// Stops invoking operations. Outstanding ones may still complete.
  mutating func endOperations() { pacing = nil }

  /// Invokes the due operation and schedules the next one.
  mutating func invokeNext(in context: inout RunContext) {
    guard pacing != nil, generatedCount < context.options.operationLimit,
      let (invocation, worker) = drawOperation(in: &context)
    else { return }
    nextTurn = worker + 1
    if !context.options.skippedOperations.contains(generatedCount) {
      invoke(invocation, on: worker, in: &context)
    }
    generatedCount += 1
    pacing?.advance(&context.random)
    scheduleNext(in: &context)
  }

  /// The next operation and the worker to invoke it: the one that the workload chooses, or the first free
  /// worker, in turn, for which the workload has an operation. Jepsen's threads take turns in the same way.
  private mutating func drawOperation(
    in context: inout RunContext
  ) -> (invocation: Invocation, worker: Int)? {
    if let worker = chooseWorker(in: &context) {
      if let invocation = drawOperation(for: worker, in: &context) { return (invocation, worker) }
    } else {
      for turn in nextTurn..<nextTurn + workers.count {
        let worker = turn % workers.count
        guard workers[worker].pending == nil else { continue }
        if let invocation = drawOperation(for: worker, in: &context) { return (invocation, worker) }
      }
    }
    // A busy worker may get an operation when it is free.
    isWaitingForWorker = progress.outstanding > 0
    return nil
  }

  private mutating func drawOperation(for worker: Int, in context: inout RunContext) -> Invocation? {
    workload.nextInvocation(for: thread(of: worker), &context.random)
  }

  private mutating func chooseWorker(in context: inout RunContext) -> Int? {
    let workers = workers
    let worker = workload.chooseThread(
      of: workers.count, isFree: { workers[$0].pending == nil }, &context.random)
    precondition(worker.map { workers[$0].pending == nil } != false, "a workload chooses a free thread")
    return worker
  }

  private func thread(of worker: Int) -> ClientThread {
    ClientThread(index: worker, count: workers.count, process: workers[worker].process)
  }

  /// Schedules the next operation. While no worker is free it sets no timer, which would wake a driver in
  /// real time for nothing.
  private mutating func scheduleNext(in context: inout RunContext) {
    isWaitingForWorker = progress.outstanding == workers.count
    if !isWaitingForWorker, let pacing { context.schedule(.nextOperation, at: pacing.due) }
  }

  /// Resumes operations when a worker has become free. An overdue operation is invoked at once.
  mutating func resumeOperations(in context: inout RunContext) {
    guard isWaitingForWorker, let due = pacing?.due else { return }
    isWaitingForWorker = false
    guard due < context.now else { return scheduleNext(in: &context) }
    pacing?.postpone(to: context.now)
    invokeNext(in: &context)
  }
}

// MARK: - Final operations

extension ClientPool {
  /// Whether the workload has final operations.
  var hasFinalOperations: Bool { finalOperations(of: 0) != nil }

  /// Starts the final operations of every worker.
  mutating func beginFinalOperations(in context: inout RunContext) {
    // Assign all workers first: the first one may complete at once.
    for worker in workers.indices {
      workers[worker].assignment = finalOperations(of: worker).map { .finalOperations($0) } ?? .operations
    }
    for worker in workers.indices { invokeNextFinal(on: worker, in: &context) }
  }

  private func finalOperations(of worker: Int) -> (any FinalOperations)? {
    workload.makeFinalOperations(for: thread(of: worker))
  }

  mutating func invokeNextFinal(on worker: Int, in context: inout RunContext) {
    guard case .finalOperations(var operations) = workers[worker].assignment else { return }
    let next = operations.next(at: context.now, &context.random)
    workers[worker].assignment = next == nil ? .operations : .finalOperations(operations)
    guard let next else { return }
    if next.due <= context.now {
      invoke(next.invocation, on: worker, in: &context)
    } else {
      context.schedule(.finalOperation(next.invocation, worker: worker), at: next.due)
    }
  }
}
