import EddyTiming

extension Kernel {
  func signalCall(_ call: Call, _ thread: VirtualThread) -> Decision {
    switch call.number {
    case .rt_sigaction:
      rememberHandler(call, thread.process)
      return .make
    case .pause: return waitForSignal(call, thread, blocked: nil)
    case .rt_sigsuspend:
      let mask = machine.load(UInt64.self, at: call.arguments[0], of: thread.process)
      return waitForSignal(call, thread, blocked: mask)
    case .rt_sigtimedwait: return takeSignal(call, thread)
    default:
      signalled(thread.process)
      return .make
    }
  }

  /// Keeps whether a signal's handler lets a call go on.
  private func rememberHandler(_ call: Call, _ process: VirtualProcess) {
    let signal = call.int(0)
    // The kernel's struct sigaction: the handler, then the flags.
    guard call.arguments[1] != 0, (1...64).contains(signal),
      let flags = machine.load(UInt64.self, at: call.arguments[1] + 8, of: process)
    else { return }
    let restarts: UInt64 = 0x1000_0000
    let bit: UInt64 = 1 << UInt64(signal - 1)
    if flags & restarts != 0 { process.restartingSignals |= bit } else { process.restartingSignals &= ~bit }
  }

  /// pause(2) and sigsuspend(2): the real kernel answers once a signal waits.
  private func waitForSignal(_ call: Call, _ thread: VirtualThread, blocked: UInt64?) -> Decision {
    let sets = machine.signals(of: thread)
    let blocked = blocked ?? sets.blocked
    if sets.caughtSignal(blocked: blocked) != nil || sets.hasDefaultAction(blocked: blocked) { return .make }
    return hold(call, thread, .signal(blocked: blocked))
  }

  /// rt_sigtimedwait(2).
  private func takeSignal(_ call: Call, _ thread: VirtualThread) -> Decision {
    let wanted = machine.load(UInt64.self, at: call.arguments[0], of: thread.process) ?? 0
    if machine.signals(of: thread).pending & wanted != 0 { return .make }
    if isOver(thread) { return failure(.tryAgain) }
    let timeout = timespec(call.arguments[2], thread.process)
    if timeout == 0 { return .make }
    return hold(
      call, thread, .signal(blocked: ~wanted), until: timeout.map { deadline(in: $0, thread.process) })
  }

  /// Lets the threads go on that a signal interrupts: the first one that does not block it runs its handler.
  ///
  /// For a process that may have got a signal while its threads were held.
  public func deliverSignals(to process: VirtualProcess) {
    // A signal of the process is taken by one thread.
    var taken: UInt64 = 0
    for thread in process.threads {
      guard let hold = thread.hold else { continue }
      let sets = machine.signals(of: thread)
      if case .signal(let blocked) = hold.cause {
        // sigtimedwait takes blocked signals, which need no handler.
        let isTaken = hold.call.number == .rt_sigtimedwait && sets.pending & ~(blocked ?? 0) != 0
        let mask = blocked ?? sets.blocked
        if isTaken || sets.caughtSignal(blocked: mask) != nil || sets.hasDefaultAction(blocked: mask) {
          goOn(thread, .make)
        }
        continue
      }
      if sets.hasDefaultAction(blocked: sets.blocked) { return goOn(thread, .make) }
      guard let signal = sets.caughtSignal(blocked: sets.blocked | taken) else { continue }
      taken |= 1 << UInt64(signal - 1)
      interrupt(thread, hold, by: signal)
    }
  }

  /// Ends a held call because of a signal, as signal(7) says for each call.
  private func interrupt(_ thread: VirtualThread, _ hold: Hold, by signal: Int) {
    let restarts = thread.process.restartingSignals >> UInt64(signal - 1) & 1 != 0
    switch hold.call.number {
    case .nanosleep, .clock_nanosleep:
      storeRest(of: hold, thread)
      goOn(thread, .complete(-ErrorNumber.interrupted.rawValue))
    case .read, .readv, .accept, .accept4, .recvfrom, .recvmsg, .wait4, .waitid:
      goOn(thread, restarts ? .restart : .complete(-ErrorNumber.interrupted.rawValue))
    case .futex:
      let canRestart = restarts && hold.deadline == nil
      goOn(thread, canRestart ? .restart : .complete(-ErrorNumber.interrupted.rawValue))
    case .poll, .ppoll, .select, .pselect6, .epoll_wait, .epoll_pwait, .epoll_pwait2, .recvmmsg:
      if case .fruitless(let result) = hold.cause { return goOn(thread, .complete(result)) }
      goOn(thread, .complete(-ErrorNumber.interrupted.rawValue))
    default: goOn(thread, .restart)
    }
  }
}
