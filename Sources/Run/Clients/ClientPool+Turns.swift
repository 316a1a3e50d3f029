import EddyTiming

// What workers do before the time limit, in turns, and after recovery, each on its own.

extension ClientPool {
  /// Begins to have workers take turns at the workload's operations.
  mutating func beginOperations(in context: inout RunContext) {
    pacing = OperationPacing(rate: context.options.rate, start: context.now)
    if context.options.rate > 0 { context.schedule(.nextOperation, at: context.now) }
  }

  /// Invokes no operation any more. What is under way may still end.
  mutating func endOperations() { pacing = nil }

  /// Invokes the operation that is due, and schedules the one after it.
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

  /// The next operation and the worker to invoke it: the first free one, in turn, for which the workload
  /// has any. The free workers take turns, as Jepsen's threads do.
  private mutating func drawOperation(
    in context: inout RunContext
  ) -> (invocation: Invocation, worker: Int)? {
    for turn in nextTurn..<nextTurn + workers.count {
      let worker = turn % workers.count
      guard workers[worker].pending == nil else { continue }
      let thread = ClientThread(index: worker, count: workers.count, process: workers[worker].process)
      if let invocation = workload.nextInvocation(for: thread, &context.random) {
        return (invocation, worker)
      }
    }
    // Another one may have something to do once it is free.
    isWaitingForWorker = progress.outstanding > 0
    return nil
  }

  /// Has the next operation invoked when it is due. While no worker is free no timer is set: it would
  /// cost a driver in real time a turn of its own, to no end.
  private mutating func scheduleNext(in context: inout RunContext) {
    isWaitingForWorker = progress.outstanding == workers.count
    if !isWaitingForWorker, let pacing { context.schedule(.nextOperation, at: pacing.due) }
  }

  /// Goes on when a worker has become free: at once, if the next operation is overdue.
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
  /// Whether workers have anything to do after recovery.
  var hasFinalOperations: Bool { workload.makeFinalOperations() != nil }

  /// Starts every worker on what it does after recovery.
  mutating func beginFinalOperations(in context: inout RunContext) {
    // All of them are given something to do before the first one can be done.
    for worker in workers.indices {
      workers[worker].assignment = workload.makeFinalOperations().map { .finalOperations($0) } ?? .operations
    }
    for worker in workers.indices { invokeNextFinal(on: worker, in: &context) }
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
