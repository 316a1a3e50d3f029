import CEddyVirtualProcess
import EddyEventLoop
package import EddyHistory
import EddyNode
package import EddyRun
package import EddySimulation
package import EddyTiming
package import EddyVirtualKernel

/// Hosts programs as nodes in virtual time.
///
/// A program is stopped at each system call that concerns time, waiting, randomness or threads; ``Kernel`` decides what
/// becomes of the call. One thread of all nodes runs at a time, so a run follows from the seed. What it cannot rule
/// out it names: see ``reproducibility``.
///
/// It has more than twelve stored properties: what it was made with, the parts that decide, the threads and processes by
/// their ids, the callbacks of its owner, and the log.
package final class ProcessHost: VirtualNodes {
  /// A node: its program, if that runs, and the conditions it runs under.
  struct Slot {
    /// Nil while the node is down.
    var process: VirtualProcess?
    var streams: NodeStreams?
    /// All of the node's processes, in the order of their starts.
    var processes: [VirtualProcess] = []
    /// The number of starts. Lines for one incarnation do not reach the next.
    var incarnation = 0
    var processingDelay = Duration.zero
    var isPaused = false
    /// Threads whose turn came while the node was paused.
    var parked: [VirtualThread] = []
    /// Whether one of its threads has sent a signal in this turn.
    var hasSignalled = false
    /// The total length of the node's log, in bytes.
    var logged = 0
    /// How busy its threads are.
    var strain = Strain()
  }

  enum Event {
    case line([UInt8], node: Int, incarnation: Int)
    /// A thread that took too long goes on.
    case unpark(VirtualThread, node: Int, incarnation: Int)
    /// A node's wall clock jumps.
    case jump
  }

  let program: NodeProgram
  let kernel: Kernel
  let machine = TracedMachine()
  /// The numbers of the calls that stop.
  let calls: [Int32]
  var slots: [Slot]
  var queue: RunQueue
  var events = TimerQueue<Event>()
  /// All threads, by their ids.
  var threads: [Int32: VirtualThread] = [:]
  /// Parents that wait until the child of this id, made by vfork, executes a program or ends.
  var vforkParents: [Int32: VirtualThread] = [:]
  var random: SeededGenerator
  private(set) var now = Instant.zero
  private var firstProcess: Int32 = -1

  package var printed: (UnsafeRawBufferPointer, _ node: Int) -> Void = { _, _ in }
  package var failed: (RunFailure.Cause, _ node: Int) -> Void = { _, _ in }
  package private(set) var log: [LogLine] = []
  /// Whether another run from the same seed gives the same messages.
  package var reproducibility: Reproducibility? { audit }
  var audit = Reproducibility()
  /// The largest jump of a wall clock; zero for none.
  private var clockJump = Duration.zero
  /// Set once a node has failed: no thread runs any more.
  var hasFailed = false

  /// Whether ``lines`` are recorded.
  package var recordsLines = false
  /// Everything that the nodes have printed.
  package private(set) var lines: [PrintedLine] = []
  /// The thread whose turn it is.
  var current: VirtualThread?

  package var limits = ResourceLimits()
  private var logged = 0

  /// - Parameters:
  ///   - count: The number of nodes.
  ///   - processor: The processor that this process and the programs share; nil for the present one.
  package init(
    _ program: NodeProgram, count: Int, seed: UInt64, order: RunQueue.Order = .fair, processor: Int32? = nil
  ) {
    self.program = program
    kernel = Kernel(nodes: count, machine: machine)
    slots = Array(repeating: Slot(), count: count)
    random = SeededGenerator(seed: seed)
    calls = SystemCall.stopping(order).map(\.rawValue)
    queue = RunQueue(order, seed: seed ^ 0x0DE4)
    kernel.enqueue = { [unowned self] in enqueue($0) }
    kernel.signalled = { [unowned self] in slots[$0.node].hasSignalled = true }
    kernel.remark = { [unowned self] in audit.add(remark: $0) }
    _ = eddy_use_processor(processor ?? max(0, eddy_current_processor()))
    _ = eddy_tick(Self.tick)
    firstProcess = eddy_world_begin()
    if firstProcess < 0 {
      audit.add(reason: "process ids are the machine's, as no namespace for them may be made here")
    }
  }

  deinit { end() }

  /// Ends all programs.
  package func end() {
    for node in slots.indices { kill(node) }
    if firstProcess > 0 { _ = eddy_world_end(firstProcess) }
    firstProcess = -1
    _ = eddy_tick(0)
    _ = eddy_use_processor(-1)
  }

  /// The interval at which a running thread is looked at, in milliseconds.
  private static let tick: Int32 = 10

  package var nextDeadline: Instant? {
    queue.isEmpty ? Instant.earliest(kernel.nextDeadline, events.nextDeadline) : now
  }

  package func advance(to now: Instant) {
    self.now = now
    kernel.advance(to: now)
    while let due = events.popDue(at: now) {
      switch due.element {
      case .line(let line, let node, let incarnation):
        if incarnation == slots[node].incarnation { receive(line, node) }
      case .unpark(let thread, let node, let incarnation):
        if incarnation == slots[node].incarnation, threads[thread.id] === thread { enqueue(thread) }
      case .jump: jumpAndSchedule()
      }
    }
    while !hasFailed, let thread = queue.next() {
      thread.isQueued = false
      current = thread
      runTurn(of: thread)
    }
  }

  package func deliver(_ line: [UInt8], to node: Int, at now: Instant) {
    self.now = now
    guard slots[node].processingDelay > .zero else { return receive(line, node) }
    let delay = Duration.nanoseconds(Int(random.unit() * Double(slots[node].processingDelay.nanoseconds)))
    events.insert(.line(line, node: node, incarnation: slots[node].incarnation), at: now + delay)
  }

  private func receive(_ line: [UInt8], _ node: Int) {
    guard let streams = slots[node].streams else { return }
    streams.send(line)
    if streams.isInputClosed { return fail(.closed(stream: "standard input"), node) }
    let unread = streams.unwrittenCount
    if unread > limits.unreadInput / slots.count,
      slots.reduce(0, { $0 + ($1.streams?.unwrittenCount ?? 0) }) > limits.unreadInput
    {
      fail(.unreadInput(bytes: unread), node)
    }
    recheck(node)
  }

  /// Lets the node's threads that may find something go on.
  func recheck(_ node: Int) {
    for process in slots[node].processes { kernel.recheck(process) }
  }

  /// Adds a thread that may go on to the end of the queue.
  func enqueue(_ thread: VirtualThread) {
    thread.isQueued = true
    if slots[thread.process.node].isPaused {
      slots[thread.process.node].parked.append(thread)
    } else {
      queue.add(thread)
    }
  }

  func fail(_ cause: RunFailure.Cause, _ node: Int) {
    guard !hasFailed else { return }
    hasFailed = true
    failed(cause, node)
  }

  /// Passes on what a node has printed. Returns whether that was anything.
  @discardableResult
  func drain(_ node: Int) -> Bool {
    guard let streams = slots[node].streams else { return false }
    let hasPrinted = streams.drain(
      line: { if !hasFailed { pass($0, node) } },
      overlong: { fail(.overlongLine(length: $0, limit: NodeStreams.maximumLineLength), node) },
      overlongLog: { fail(.log(bytes: $0, limit: limits.logsInMemory), node) },
      logLine: { append(LogLine(time: now, node: node, text: String(decoding: $0, as: UTF8.self))) })
    return hasPrinted
  }

  private func pass(_ line: UnsafeRawBufferPointer, _ node: Int) {
    if recordsLines {
      lines.append(
        PrintedLine(time: now, node: node, text: Array(line), calls: current?.lastCalls ?? RecentCalls()))
    }
    printed(line, node)
  }

  /// Sets the nodes' wall clocks at the start, in seconds since 1970.
  package func setDate(_ seconds: Int) {
    for node in slots.indices { kernel.clocks[node].wall = seconds * 1_000_000_000 }
  }

  private func append(_ line: LogLine) {
    log.append(line)
    let length = line.text.utf8.count
    logged += length
    slots[line.node].logged += length
    guard logged > limits.logsInMemory, let most = slots.map(\.logged).max(),
      let node = slots.firstIndex(where: { $0.logged == most })
    else { return }
    fail(.log(bytes: most, limit: limits.logsInMemory), node)
  }
}

// MARK: - Faults

extension ProcessHost {
  package func start(_ node: Int) {
    slots[node].incarnation += 1
    slots[node].isPaused = false
    var random = random.split()
    do {
      let arguments = try program.arguments(node)
      var id: Int32 = -1
      slots[node].streams = try NodeStreams.open { ends in
        id = try Tracer.spawn(program, arguments, calls, ends)
      }
      let process = kernel.addProgram(id: id, innerID: eddy_inner_id(id), node: node, random: random.split())
      slots[node].process = process
      slots[node].processes = [process]
      threads[id] = process.threads[0]
      prepare(process)
      enqueue(process.threads[0])
    } catch let error as NodeProgram.CannotStart {
      fail(.notStarted(reason: error.reason), node)
    } catch {
      fail(.notStarted(reason: "\(error)"), node)
    }
  }

  /// Gives a process that executes a program its clock page and its random bytes.
  func prepare(_ process: VirtualProcess) {
    let page = kernel.clockPage(of: process, before: 0)
    var raw = eddy_clock_page(
      now: Int64(page.now), wall: Int64(page.wall), limit: Int64(page.limit), step: Int64(page.step))
    let random = [process.random.next(), process.random.next()]
    let result = random.withUnsafeBytes {
      eddy_trace_prepare(process.id, &raw, $0.baseAddress!.assumingMemoryBound(to: UInt8.self))
    }
    process.hasClockPage = result == 1
    process.clock = page
  }

  package func kill(_ node: Int) {
    let processes = slots[node].processes
    guard !processes.isEmpty else { return }
    for process in processes where !process.threads.isEmpty { _ = eddy_trace_kill(process.id) }
    for process in processes where !process.threads.isEmpty { reap(process) }
    slots[node].process = nil
    slots[node].streams = nil
    slots[node].processes = []
    slots[node].parked = []
    slots[node].isPaused = false
  }

  /// Waits for the end of a process's threads, the first one last. Returns how it ended.
  @discardableResult
  func reap(_ process: VirtualProcess) -> NodeExit? {
    // A first thread that has ended before is held until the others have.
    if process.threads.first?.id != process.id { _ = eddy_trace_continue(process.id, 0) }
    for thread in process.threads where thread.id != process.id { _ = Tracer.reap(thread.id) }
    let exit = Tracer.reap(process.id)
    forget(process)
    return exit
  }

  /// Removes a process whose threads have ended.
  func forget(_ process: VirtualProcess) {
    for thread in process.threads { threads[thread.id] = nil }
    queue.remove(process)
    slots[process.node].parked.removeAll { $0.process === process }
    kernel.processEnded(process)
    machine.forget(process)
    if let parent = vforkParents.removeValue(forKey: process.id), !parent.process.threads.isEmpty {
      enqueue(parent)
    }
  }

  package func pause(_ node: Int) {
    slots[node].isPaused = true
    slots[node].parked = queue.remove(node: node)
  }

  package func resume(_ node: Int, at now: Instant) {
    guard slots[node].isPaused else { return }
    slots[node].isPaused = false
    let parked = slots[node].parked
    slots[node].parked = []
    for thread in parked { enqueue(thread) }
  }

  package func setClock(_ clock: SkewedClock, of node: Int) { kernel.clocks[node].monotonic = clock }

  package func setClockJumps(upTo largest: Duration) {
    clockJump = largest
    scheduleJump()
  }

  private func jumpAndSchedule() {
    let node = random.below(slots.count)
    let most = clockJump.nanoseconds
    kernel.clocks[node].wall += random.below(2 * most + 1) - most
    // The pages show the old time.
    for process in slots[node].processes { process.synchronized = nil }
    scheduleJump()
  }

  /// Schedules the next jump: on average, each wall clock jumps every four seconds.
  private func scheduleJump() {
    let mean = 4e9 / Double(slots.count)
    events.insert(.jump, at: now + .nanoseconds(1 + Int(random.unit() * 2 * mean)))
  }

  package func unfinishedLine(of node: Int) -> [UInt8] { slots[node].streams?.unfinishedLine ?? [] }

  package func setProcessingDelay(_ delay: Duration, of node: Int) { slots[node].processingDelay = delay }
}
