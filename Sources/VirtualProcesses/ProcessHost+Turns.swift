import CEddyVirtualProcess
import EddyRun
import EddySimulation
import EddyTiming
import EddyVirtualKernel

/// What becomes of a thread after a stop.
enum Step {
  /// It runs.
  case runs
  /// It waits, for its turn or for something else.
  case rests
}

extension ProcessHost {
  /// Lets a thread run until it waits, ends, or has stopped so often that others have their turn.
  func runTurn(of thread: VirtualThread) {
    let process = thread.process
    let node = process.node
    synchronizeClock(of: process)
    var quantum = queue.quantum()
    var step = goOn(thread)
    while step == .runs, !hasFailed {
      guard let stop = waitForStop(of: thread) else { break }
      quantum -= 1
      step = handle(stop, of: thread, mayRest: quantum <= 0)
    }
    finishTurn(of: node)
  }

  private func finishTurn(of node: Int) {
    drain(node)
    guard let streams = slots[node].streams, !hasFailed else { return }
    streams.flush()
    if streams.isOutputClosed, slots[node].process?.threads.isEmpty == false {
      fail(.closed(stream: "standard output"), node)
    }
    if slots[node].hasSignalled {
      slots[node].hasSignalled = false
      for process in slots[node].processes { kernel.deliverSignals(to: process) }
    }
    recheck(node)
  }

  /// Writes the time into the process's clock page, if it shows another.
  private func synchronizeClock(of process: VirtualProcess) {
    guard process.hasClockPage, process.synchronized != now else { return }
    process.synchronized = now
    let reading = machine.load(Int.self, at: Kernel.clockPageAddress, of: process) ?? 0
    machine.store(kernel.clockPage(of: process, before: reading), at: Kernel.clockPageAddress, of: process)
  }

  /// Continues a thread as it was decided when it came into the queue.
  private func goOn(_ thread: VirtualThread) -> Step {
    switch thread.resumption.take() {
    case nil, .make: return run(thread)
    case .complete(let result): return skipCall(thread, result)
    case .restart:
      Tracer.skipCall(of: thread.id, Tracer.registers(of: thread.id), result: 0, restarts: true)
      return run(thread)
    case .decide:
      guard let hold = thread.hold else { return run(thread) }
      return carryOut(kernel.decide(hold.call, by: thread), thread, mayRest: false)
    }
  }

  private func run(_ thread: VirtualThread, signal: Int32 = 0) -> Step {
    _ = eddy_trace_continue(thread.id, signal)
    return .runs
  }

  private func skipCall(_ thread: VirtualThread, _ result: Int) -> Step {
    Tracer.skipCall(of: thread.id, Tracer.registers(of: thread.id), result: result)
    return run(thread)
  }

  /// Lets a thread wait for its next turn.
  private func rest(_ thread: VirtualThread, _ resumption: Kernel.Resumption?) -> Step {
    thread.resumption = resumption
    enqueue(thread)
    return .rests
  }

  private func carryOut(_ decision: Kernel.Decision, _ thread: VirtualThread, mayRest: Bool) -> Step {
    switch decision {
    case .complete(let result): return mayRest ? rest(thread, .complete(result)) : skipCall(thread, result)
    case .yield(let result): return rest(thread, .complete(result))
    case .make: return mayRest ? rest(thread, .make) : run(thread)
    case .observe: return observe(thread)
    case .hold: return .rests
    case .end: return end(thread)
    }
  }
}

// MARK: - Stops

extension ProcessHost {
  /// Lets a thread make a call, and tells the model what it returns.
  private func observe(_ thread: VirtualThread) -> Step {
    let call = Call(Tracer.registers(of: thread.id))
    _ = eddy_trace_step_call(thread.id)
    guard let stop = waitForStop(of: thread) else { return .rests }
    guard case .callDone = stop, let call else { return handle(stop, of: thread, mayRest: false) }
    let result = Int(Int64(bitPattern: Tracer.registers(of: thread.id).rax))
    kernel.returned(call, result, by: thread)
    return run(thread)
  }
}

extension ProcessHost {
  private func handle(_ stop: Tracer.Stop, of thread: VirtualThread, mayRest: Bool) -> Step {
    switch stop {
    case .call:
      let registers = Tracer.registers(of: thread.id)
      guard let call = Call(registers) else { return run(thread) }
      thread.kernelWaits = 0
      if let pause = slots[thread.process.node].strain.countStop(at: now) {
        return park(thread, .restart, for: pause)
      }
      return carryOut(kernel.decide(call, by: thread), thread, mayRest: mayRest)
    case .newThread(let id) where kernel.isStartingThread(thread): return addThread(id, thread)
    case .newThread(let id): return addProcess(id, thread, isVFork: false)
    case .newProcess(let id, let isVFork): return addProcess(id, thread, isVFork: isVFork)
    case .executed: return executed(thread)
    case .signal(let signal): return deliver(signal, to: thread)
    case .ended(let exit): return ended(thread, exit)
    case .paused, .callDone: return run(thread)
    }
  }

  /// Lets a thread wait for some time.
  func park(_ thread: VirtualThread, _ resumption: Kernel.Resumption?, for duration: Duration) -> Step {
    thread.resumption = resumption
    let node = thread.process.node
    events.insert(.unpark(thread, node: node, incarnation: slots[node].incarnation), at: now + duration)
    return .rests
  }

  private func addThread(_ id: Int32, _ thread: VirtualThread) -> Step {
    awaitFirstStop(of: id)
    let new = kernel.addThread(id: id, startedBy: thread)
    threads[id] = new
    enqueue(new)
    return run(thread)
  }

  private func addProcess(_ id: Int32, _ thread: VirtualThread, isVFork: Bool) -> Step {
    awaitFirstStop(of: id)
    let child = kernel.addChild(id: id, innerID: eddy_inner_id(id), startedBy: thread, isVFork: isVFork)
    child.synchronized = thread.process.synchronized
    let node = thread.process.node
    slots[node].processes.append(child)
    threads[id] = child.threads[0]
    enqueue(child.threads[0])
    let zombies = slots[node].processes.reduce(0) { $0 + kernel.forgetChildren(of: $1) }
    guard slots[node].processes.count + zombies <= Self.processLimit else {
      fail(.processes(count: Self.processLimit), node)
      return .rests
    }
    guard isVFork else { return run(thread) }
    vforkParents[id] = thread
    return .rests
  }

  /// The number of processes that a node may have at a time, with those that have ended and that it has not waited for.
  private static let processLimit = 1_000

  private func awaitFirstStop(of id: Int32) {
    while case .interrupted = Tracer.wait(for: id) {}
  }

  private func executed(_ thread: VirtualThread) -> Step {
    let process = thread.process
    // Another thread than the first may have called: it has the first one's id now, and the others have ended.
    for other in process.threads { threads[other.id] = nil }
    queue.remove(process)
    slots[process.node].parked.removeAll { $0.process === process }
    let first = kernel.execute(process, by: thread)
    threads[first.id] = first
    prepare(process)
    process.synchronized = nil
    synchronizeClock(of: process)
    if let parent = vforkParents.removeValue(forKey: process.id) { enqueue(parent) }
    return first === thread ? run(thread) : rest(first, nil)
  }

  /// Passes a signal on, unless it is for a read of the time stamp counter, whose value is the clock's.
  private func deliver(_ signal: Int32, to thread: VirtualThread) -> Step {
    guard signal == Self.segmentationFault else { return run(thread, signal: signal) }
    var registers = Tracer.registers(of: thread.id)
    let length = eddy_counter_instruction(thread.process.id, registers.rip)
    guard length > 0 else { return run(thread, signal: signal) }
    let counter = UInt64(kernel.readCounter(of: thread.process))
    registers.rax = counter & 0xFFFF_FFFF
    registers.rdx = counter >> 32
    if length == 3 { registers.rcx = 0 }
    registers.rip += UInt64(length)
    _ = eddy_trace_set_registers(thread.id, &registers)
    return run(thread)
  }

  private static let segmentationFault: Int32 = 11
}

// MARK: - Ends

extension ProcessHost {
  /// A thread makes the call that ends it, or its process.
  private func end(_ thread: VirtualThread) -> Step {
    let process = thread.process
    let isProcess = Call(Tracer.registers(of: thread.id))?.number == .exit_group || process.threads.count == 1
    if isProcess {
      _ = eddy_trace_continue(thread.id, 0)
      return processEnded(process, reap(process))
    }
    if thread.id == process.id {
      // The first thread is held until all others have ended: the process's memory and descriptors are reached by it.
      kernel.clearThreadID(of: thread)
    } else {
      _ = eddy_trace_continue(thread.id, 0)
      _ = Tracer.reap(thread.id)
    }
    threads[thread.id] = nil
    kernel.threadEnded(thread)
    return .rests
  }

  /// A thread has ended otherwise: a signal has ended its process.
  private func ended(_ thread: VirtualThread, _ exit: NodeExit) -> Step {
    let process = thread.process
    threads[thread.id] = nil
    guard thread.id != process.id else {
      for other in process.threads where other !== thread { _ = Tracer.reap(other.id) }
      forget(process)
      return processEnded(process, exit)
    }
    process.drop(thread)
    return processEnded(process, reap(process) ?? exit)
  }

  /// A process has ended and is forgotten.
  private func processEnded(_ process: VirtualProcess, _ exit: NodeExit?) -> Step {
    let node = process.node
    slots[node].processes.removeAll { $0 === process }
    if slots[node].process === process {
      drain(node)
      fail(exit == .code(0) ? .ended : .crashed(status: exit?.description ?? "unknown"), node)
    } else if let parent = process.parent {
      kernel.deliverSignals(to: parent)
    }
    return .rests
  }
}
