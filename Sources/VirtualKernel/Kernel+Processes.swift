public import EddyNode
import EddyTiming

// MARK: - Processes and threads

extension Kernel {
  /// Adds the process of a node's program with its first thread.
  public func addProgram(id: Int32, innerID: Int32, node: Int, random: SeededGenerator) -> VirtualProcess {
    let process = VirtualProcess(
      id: id, innerID: innerID, node: node, parent: nil, memory: takeMemory(), random: random)
    process.threads = [VirtualThread(id: id, process: process)]
    return process
  }

  /// Adds a thread that a thread has just started.
  public func addThread(id: Int32, startedBy thread: VirtualThread) -> VirtualThread {
    let new = VirtualThread(id: id, process: thread.process)
    new.clearAddress = thread.cloning.clearAddress
    thread.cloning = (0, 0)
    thread.process.threads.append(new)
    return new
  }

  /// Adds a process that a thread has just started.
  ///
  /// - Parameter isVFork: Whether the parent waits until the child executes a program or ends.
  public func addChild(id: Int32, innerID: Int32, startedBy thread: VirtualThread, isVFork: Bool)
    -> VirtualProcess
  {
    let parent = thread.process
    // The call vfork has no flags; it shares the parent's memory.
    let sharesMemory = thread.cloning.flags & CloneFlags.memory != 0 || (isVFork && thread.cloning.flags == 0)
    let child = VirtualProcess(
      id: id, innerID: innerID, node: parent.node, parent: parent,
      memory: sharesMemory ? parent.memory : takeMemory(), random: parent.random.split())
    child.hasClockPage = parent.hasClockPage
    child.clock = parent.clock
    child.restartingSignals = parent.restartingSignals
    let first = VirtualThread(id: id, process: child)
    first.clearAddress = thread.cloning.clearAddress
    thread.cloning = (0, 0)
    child.threads = [first]
    parent.children.append(child)
    return child
  }

  /// The process executes another program. Only the thread that called goes on, with the first one's id: returns it.
  public func execute(_ process: VirtualProcess, by caller: VirtualThread) -> VirtualThread {
    process.memory = takeMemory()
    process.hasClockPage = false
    process.restartingSignals = 0
    for other in process.threads { release(other) }
    let thread = caller.id == process.id ? caller : VirtualThread(id: process.id, process: process)
    thread.clearAddress = 0
    process.threads = [thread]
    for id in process.timers.keys.sorted() { removeTimer(id, of: process) }
    return thread
  }

  /// Does what the real kernel does at the end of a thread that has not really ended: writes zero for those who wait.
  public func clearThreadID(of thread: VirtualThread) {
    if thread.clearAddress != 0 { machine.store(Int32(0), at: thread.clearAddress, of: thread.process) }
  }

  /// Forgets the ended children of a process that ignores their ends. Returns how many others have ended that it has
  /// not waited for.
  public func forgetChildren(of process: VirtualProcess) -> Int {
    guard let thread = process.threads.first, process.children.contains(where: \.hasEnded) else { return 0 }
    let childHasEnded: UInt64 = 1 << 16
    if machine.signals(of: thread).ignored & childHasEnded != 0 {
      process.children.removeAll { $0.hasEnded }
    }
    return process.children.count { $0.hasEnded }
  }

  /// A thread has ended, and its process has not: who waits for it goes on.
  public func threadEnded(_ thread: VirtualThread) {
    release(thread)
    thread.process.threads.removeAll { $0 === thread }
    guard thread.clearAddress != 0 else { return }
    let key = FutexKey(memory: thread.process.memory, address: thread.clearAddress)
    for waiter in futexes.wake(key, count: 1) { goOn(waiter, .complete(0)) }
  }

  /// A process has ended: its timers end, and its parent learns of it.
  public func processEnded(_ process: VirtualProcess) {
    for thread in process.threads {
      release(thread)
      // A child made by vfork shares memory with those who wait for its thread.
      guard thread.clearAddress != 0 else { continue }
      let key = FutexKey(memory: process.memory, address: thread.clearAddress)
      for waiter in futexes.wake(key, count: 1) where waiter.process !== process {
        goOn(waiter, .complete(0))
      }
    }
    process.threads = []
    process.hasEnded = true
    if let event = process.alarm.event.take() { events.remove(event) }
    for id in process.timers.keys.sorted() { removeTimer(id, of: process) }
    // Any order: each removal concerns its own event.
    for timer in process.timerDescriptors.values { if let event = timer.timer.event { events.remove(event) } }
    process.timerDescriptors = [:]
    guard let parent = process.parent else { return }
    for thread in parent.threads where thread.hold?.cause == .child { goOn(thread, .decide) }
  }

  private func takeMemory() -> Int {
    memories += 1
    return memories
  }
}

// MARK: - Their calls

extension Kernel {
  enum CloneFlags {
    static let memory: UInt64 = 0x100
    static let thread: UInt64 = 0x1_0000
    static let clearThreadID: UInt64 = 0x20_0000
  }

  /// Whether the thread is about to start a thread, and not a process.
  public func isStartingThread(_ thread: VirtualThread) -> Bool {
    thread.cloning.flags & CloneFlags.thread != 0
  }

  func threadCall(_ call: Call, _ thread: VirtualThread) -> Decision {
    switch call.number {
    case .clone:
      let flags = call.arguments[0]
      thread.cloning = (flags, flags & CloneFlags.clearThreadID != 0 ? call.arguments[3] : 0)
    case .clone3:
      // struct clone_args: flags, pidfd, child_tid, …
      let words = machine.words(3, at: call.arguments[0], of: thread.process) ?? [0, 0, 0]
      thread.cloning = (words[0], words[0] & CloneFlags.clearThreadID != 0 ? words[2] : 0)
    case .set_tid_address: thread.clearAddress = call.arguments[0]
    default: return .end
    }
    return .make
  }

  /// wait4(2) and waitid(2): the real kernel answers once a child has ended.
  func waitForChild(_ call: Call, _ thread: VirtualThread) -> Decision {
    let isWait4 = call.number == .wait4
    let options = isWait4 ? call.arguments[2] : call.arguments[3]
    let doesNotWait: UInt64 = 1
    let children = thread.process.children
    // P_ALL is 0, P_PID is 1; others are process groups, in which any child may be.
    let asked = isWait4 ? call.int(0) : call.int(0) == 1 ? call.int(1) : -1
    let candidates = asked > 0 ? children.filter { $0.innerID == asked } : children
    guard let ended = candidates.first(where: \.hasEnded) else {
      if candidates.isEmpty || options & doesNotWait != 0 { return .make }
      return hold(call, thread, .child)
    }
    // WNOWAIT leaves the child to be waited for again.
    let leaves: UInt64 = 0x0100_0000
    if options & leaves == 0 { thread.process.children.removeAll { $0 === ended } }
    return .make
  }
}
