public import EddyTiming

/// The kernel as programs in virtual time see it: clocks, sleeping, futexes, waiting for descriptors, timers, random
/// numbers, threads and children.
///
/// It decides what becomes of a call, and says which threads may go on. It makes no system call itself: what it needs
/// of a process it asks its ``Machine``. So it is tested without programs, and its decisions follow from the calls, the
/// clock and the seed alone.
///
/// How a call is decided:
///
/// 1. What is known is returned at once, and the call is not made: a clock's reading, a futex that nobody waits at.
/// 2. What cannot wait now is made by the real kernel: a read of a line that has arrived.
/// 3. Everything else holds the thread. It goes on when another thread wakes it, when its deadline comes, or when the
///    descriptors that it waits for may be ready; then the call is decided again.
///
/// Only one thread of all nodes runs at a time.
public final class Kernel {
  /// What becomes of a call.
  public enum Decision: Equatable, Sendable {
    /// It returns this without being made.
    case complete(Int)
    /// The same, and other threads run first.
    case yield(Int)
    /// The real kernel makes it; it does not wait.
    case make
    /// The same, and ``Kernel/returned(_:_:by:)`` is told what it returns.
    case observe
    /// The thread waits.
    case hold
    /// The thread ends by it, or its process does.
    case end
  }

  /// How a thread that waited goes on.
  public enum Resumption: Equatable, Sendable {
    /// Its call returns this.
    case complete(Int)
    /// Its call is decided again.
    case decide
    /// The real kernel makes its call.
    case make
    /// It makes its call once more, after a signal's handler.
    case restart
  }

  enum Event {
    case wake(VirtualThread)
    case alarm(VirtualProcess)
    case timer(VirtualProcess, Int32)
    case descriptor(VirtualProcess, Int32)
  }

  unowned let machine: any Machine
  /// Called when a thread that was held may go on: it waits for its turn.
  public var enqueue: (VirtualThread) -> Void = { _ in }
  /// Called when a process may have sent a signal to another thread of its node.
  public var signalled: (VirtualProcess) -> Void = { _ in }
  /// Called when a program asks for something that is refused, or that makes a run hard to repeat.
  public var remark: (String) -> Void = { _ in }

  public internal(set) var now = Instant.zero
  var events = TimerQueue<Event>()
  var futexes = FutexTable()
  /// The nodes' clocks.
  public var clocks: [NodeClock]
  /// The number of address spaces so far.
  var memories = 0

  public init(nodes: Int, machine: any Machine) {
    self.machine = machine
    clocks = Array(repeating: NodeClock(), count: nodes)
  }

  /// The time of the next event; nil if there is none.
  public var nextDeadline: Instant? { events.nextDeadline }

  /// Handles all events that are due by `now`.
  public func advance(to now: Instant) {
    self.now = max(self.now, now)
    while let due = events.popDue(at: now) {
      switch due.element {
      case .wake(let thread): endWait(of: thread)
      case .alarm(let process): ringAlarm(of: process)
      case .timer(let process, let id): expire(id, of: process)
      case .descriptor(let process, let descriptor): expire(descriptor: descriptor, of: process)
      }
    }
  }

  /// Decides what becomes of a call that a running thread is about to make, or made when it was held.
  public func decide(_ call: Call, by thread: VirtualThread) -> Decision {
    if thread.hold == nil { thread.lastCalls.add(call.number) }
    let before = thread.fruitlessCalls
    let decision = dispatch(call, thread)
    // Only calls in a row count.
    if thread.fruitlessCalls == before, decision != .hold || thread.hold?.cause != .descriptors {
      thread.fruitlessCalls = 0
    }
    if decision != .hold { release(thread) }
    return decision
  }

  private func dispatch(_ call: Call, _ thread: VirtualThread) -> Decision {
    switch call.number {
    case .read, .readv: read(call, thread)
    case .write, .writev: .make
    case .accept, .accept4, .recvfrom, .recvmsg, .recvmmsg: receive(call, thread)
    case .poll, .ppoll: poll(call, thread)
    case .select, .pselect6: select(call, thread)
    case .epoll_wait, .epoll_pwait, .epoll_pwait2: waitForEvents(call, thread)
    case .nanosleep, .clock_nanosleep: sleep(call, thread)
    case .gettimeofday, .time, .clock_gettime, .clock_getres: readClock(call, thread)
    case .clock_settime, .settimeofday, .adjtimex, .clock_adjtime: failure(.notPermitted)
    case .getitimer, .setitimer, .alarm: alarm(call, thread)
    case .timer_create, .timer_settime, .timer_gettime, .timer_getoverrun, .timer_delete: timer(call, thread)
    case .timerfd_create: .observe
    case .timerfd_settime, .timerfd_gettime: timerDescriptor(call, thread)
    case .futex: futex(call, thread)
    case .sched_yield: yield(thread)
    case .clone, .clone3, .set_tid_address, .exit, .exit_group: threadCall(call, thread)
    case .wait4, .waitid: waitForChild(call, thread)
    case .rt_sigaction, .kill, .tkill, .tgkill, .rt_sigqueueinfo, .rt_tgsigqueueinfo, .pidfd_send_signal,
      .pause, .rt_sigsuspend, .rt_sigtimedwait:
      signalCall(call, thread)
    case .getrusage, .sysinfo, .times, .sched_setaffinity, .sched_getaffinity, .getcpu, .getrandom:
      describeMachine(call, thread)
    case .ptrace, .rseq, .io_uring_setup, .futex_waitv, .futex_wake, .futex_wait, .futex_requeue:
      refuse(call)
    }
  }

  /// A call that was to be observed has returned.
  public func returned(_ call: Call, _ result: Int, by thread: VirtualThread) {
    if call.number == .timerfd_create, result >= 0 { created(Int32(result), call, thread.process) }
  }

  private func refuse(_ call: Call) -> Decision {
    if call.number == .io_uring_setup { remark("io_uring was asked for and refused") }
    return failure(call.number == .ptrace ? .notPermitted : .notImplemented)
  }

  func failure(_ error: ErrorNumber) -> Decision { .complete(-error.rawValue) }
}

// MARK: - Holding threads

extension Kernel {
  /// Holds a thread by its call, or keeps holding it: a deadline that it has stays.
  func hold(_ call: Call, _ thread: VirtualThread, _ cause: Hold.Cause, until deadline: Instant? = nil)
    -> Decision
  {
    if thread.hold != nil {
      thread.hold?.cause = cause
      return .hold
    }
    var hold = Hold(call: call, cause: cause, deadline: deadline)
    hold.timer = deadline.map { events.insert(.wake(thread), at: max(now, $0)) }
    thread.hold = hold
    return .hold
  }

  /// Whether the deadline of the call that is decided again has come.
  func isOver(_ thread: VirtualThread) -> Bool { thread.hold?.isOver ?? false }

  /// Ends a hold.
  func release(_ thread: VirtualThread) {
    guard let hold = thread.hold.take() else { return }
    if let timer = hold.timer { events.remove(timer) }
    if case .futex(let key) = hold.cause { futexes.remove(thread, at: key) }
  }

  func goOn(_ thread: VirtualThread, _ resumption: Resumption) {
    if resumption != .decide { release(thread) }
    // One that waits for its turn already may be interrupted meanwhile.
    thread.resumption = resumption
    guard !thread.isQueued else { return }
    thread.isQueued = true
    enqueue(thread)
  }

  /// The deadline of a hold has come.
  private func endWait(of thread: VirtualThread) {
    guard let hold = thread.hold else { return }
    thread.hold?.isOver = true
    thread.hold?.timer = nil
    switch hold.cause {
    case .futex: goOn(thread, .complete(-ErrorNumber.timedOut.rawValue))
    case .fruitless(let result): goOn(thread, .complete(result))
    case .sleep, .descriptors, .child, .signal: goOn(thread, .decide)
    }
  }

  /// Returns a result that means that nothing was found. After too many in a row the thread waits a moment, so that
  /// time goes on.
  func fruitless(_ call: Call, _ thread: VirtualThread, _ result: Int) -> Decision {
    thread.fruitlessCalls += 1
    guard thread.fruitlessCalls > Self.fruitlessLimit else { return .complete(result) }
    return hold(call, thread, .fruitless(result), until: now + Self.pause)
  }

  private static let fruitlessLimit = 50
  private static let pause = Duration.milliseconds(1)

  func yield(_ thread: VirtualThread) -> Decision {
    let decision = fruitless(Call(.sched_yield, [0, 0, 0, 0, 0, 0]), thread, 0)
    return decision == .hold ? .hold : .yield(0)
  }
}
