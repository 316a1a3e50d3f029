import EddyTiming

// MARK: - Repeating timers

/// struct itimerspec and struct itimerval: the interval, then the first expiration.
private struct IntervalAndValue {
  var interval: TimeValue
  var value: TimeValue
}

extension Kernel {
  /// The number of expirations that are due, and the timer set for the next; zero if none is due.
  private func takeExpirations(_ timer: inout RepeatingTimer, _ event: Event) -> UInt64 {
    guard let deadline = timer.deadline, deadline <= now else { return 0 }
    timer.event = nil
    guard timer.interval > .zero else {
      timer.deadline = nil
      return 1
    }
    let count = (now - deadline).nanoseconds / timer.interval.nanoseconds + 1
    let next = deadline + .nanoseconds(count * timer.interval.nanoseconds)
    timer.deadline = next
    timer.event = events.insert(event, at: next)
    return UInt64(count)
  }

  private func set(_ timer: inout RepeatingTimer, _ event: Event, at deadline: Instant?, interval: Int) {
    if let old = timer.event.take() { events.remove(old) }
    timer.deadline = deadline
    timer.interval = .nanoseconds(interval)
    timer.event = deadline.map { events.insert(event, at: max(now, $0)) }
  }

  private func remaining(_ timer: RepeatingTimer) -> Int {
    timer.deadline.map { max(1, ($0 - now).nanoseconds) } ?? 0
  }

  /// Reads an itimerspec, sets the timer, and writes what it was. Returns nil if that was possible.
  private func replace(
    _ timer: inout RepeatingTimer, _ event: Event, isAbsolute: Bool, isWallClock: Bool, new: UInt64,
    old: UInt64,
    _ process: VirtualProcess
  ) -> Decision? {
    guard let time = machine.load(IntervalAndValue.self, at: new, of: process) else {
      return failure(.badAddress)
    }
    guard let value = time.value.nanoseconds, let interval = time.interval.nanoseconds else {
      return failure(.invalid)
    }
    if old != 0 { storeTime(of: timer, at: old, process) }
    let deadline: Instant? =
      value == 0
      ? nil
      : isAbsolute
        ? self.deadline(at: value, isWallClock: isWallClock, process) : self.deadline(in: value, process)
    set(&timer, event, at: deadline, interval: interval)
    return nil
  }

  private func storeTime(of timer: RepeatingTimer, at address: UInt64, _ process: VirtualProcess) {
    let time = IntervalAndValue(
      interval: TimeValue(nanoseconds: timer.interval.nanoseconds),
      value: TimeValue(nanoseconds: remaining(timer)))
    machine.store(time, at: address, of: process)
  }
}

// MARK: - The alarm

extension Kernel {
  private static let realTimer: Int32 = 0
  private static let alarmSignal: Int32 = 14

  func ringAlarm(of process: VirtualProcess) {
    if takeExpirations(&process.alarm, .alarm(process)) > 0 {
      machine.send(TimerSignal(number: Self.alarmSignal), to: process)
      deliverSignals(to: process)
    }
  }

  /// alarm(2), setitimer(2) and getitimer(2). Timers of processor time never expire: no such time passes.
  func alarm(_ call: Call, _ thread: VirtualThread) -> Decision {
    let process = thread.process
    if call.number == .alarm {
      // As the kernel rounds it: to the nearest second, but never to zero.
      let left = remaining(process.alarm)
      let before = left == 0 ? 0 : max(1, (left + 500_000_000) / 1_000_000_000)
      let seconds = Int(UInt32(truncatingIfNeeded: call.arguments[0]))
      let deadline = seconds == 0 ? nil : deadline(in: seconds * 1_000_000_000, process)
      set(&process.alarm, .alarm(process), at: deadline, interval: 0)
      return .complete(before)
    }
    let isReal = call.int(0) == Self.realTimer
    let old = call.number == .setitimer ? call.arguments[2] : call.arguments[1]
    if old != 0 {
      let timer = isReal ? process.alarm : RepeatingTimer()
      let time = IntervalAndValue(
        interval: TimeValue(microsecondsOf: timer.interval.nanoseconds),
        value: TimeValue(microsecondsOf: remaining(timer)))
      guard machine.store(time, at: old, of: process) else { return failure(.badAddress) }
    }
    guard call.number == .setitimer, isReal else { return .complete(0) }
    guard let time = machine.load(IntervalAndValue.self, at: call.arguments[1], of: process) else {
      return failure(.badAddress)
    }
    guard let value = time.value.nanosecondsOfMicroseconds,
      let interval = time.interval.nanosecondsOfMicroseconds
    else { return failure(.invalid) }
    set(
      &process.alarm, .alarm(process), at: value == 0 ? nil : deadline(in: value, process), interval: interval
    )
    return .complete(0)
  }
}

// MARK: - POSIX timers

extension Kernel {
  /// The part of struct sigevent that matters: value, signal, how to notify, and which thread.
  private struct SignalEvent {
    var value: UInt64
    var signal: Int32
    var notification: Int32
    var thread: Int32
  }

  private enum Notification {
    static let signal: Int32 = 0
    static let none: Int32 = 1
    static let thread: Int32 = 4
  }

  func timer(_ call: Call, _ thread: VirtualThread) -> Decision {
    let process = thread.process
    if call.number == .timer_create { return createTimer(call, process) }
    let id = call.int(0)
    guard var timer = process.timers[id] else { return failure(.invalid) }
    switch call.number {
    case .timer_delete:
      removeTimer(id, of: process)
      return .complete(0)
    case .timer_gettime:
      storeTime(of: timer.timer, at: call.arguments[1], process)
      return .complete(0)
    case .timer_settime:
      let isAbsolute = call.int(1) & 1 != 0
      let error = replace(
        &timer.timer, .timer(process, id), isAbsolute: isAbsolute, isWallClock: timer.isWallClock,
        new: call.arguments[2], old: call.arguments[3], process)
      process.timers[id] = timer
      return error ?? .complete(0)
    default: return .complete(0)  // An overrun is never counted: an expiration is delivered at once.
    }
  }

  private func createTimer(_ call: Call, _ process: VirtualProcess) -> Decision {
    let id = process.nextTimer
    var signal: TimerSignal? = TimerSignal(number: Self.alarmSignal, value: UInt64(id))
    if call.arguments[1] != 0 {
      guard let event = machine.load(SignalEvent.self, at: call.arguments[1], of: process) else {
        return failure(.badAddress)
      }
      switch event.notification {
      case Notification.none: signal = nil
      case Notification.signal: signal = TimerSignal(number: event.signal, value: event.value)
      case Notification.thread:
        signal = TimerSignal(number: event.signal, value: event.value, thread: event.thread)
      default: return failure(.invalid)
      }
    }
    guard machine.store(id, at: call.arguments[2], of: process) else { return failure(.badAddress) }
    process.nextTimer += 1
    process.timers[id] = PosixTimer(signal: signal, isWallClock: ClockID(call.int(0)) == .wall)
    return .complete(0)
  }

  func removeTimer(_ id: Int32, of process: VirtualProcess) {
    if let event = process.timers.removeValue(forKey: id)?.timer.event { events.remove(event) }
  }

  func expire(_ id: Int32, of process: VirtualProcess) {
    guard var timer = process.timers[id] else { return }
    let count = takeExpirations(&timer.timer, .timer(process, id))
    process.timers[id] = timer
    guard count > 0, let signal = timer.signal else { return }
    machine.send(signal, to: process)
    deliverSignals(to: process)
  }
}

// MARK: - Timer descriptors

extension Kernel {
  /// A timer descriptor has been created. One of the same number before it has been closed.
  func created(_ descriptor: Int32, _ call: Call, _ process: VirtualProcess) {
    if let event = process.timerDescriptors[descriptor]?.timer.event { events.remove(event) }
    process.timerDescriptors[descriptor] = TimerDescriptor(isWallClock: ClockID(call.int(0)) == .wall)
  }

  func timerDescriptor(_ call: Call, _ thread: VirtualThread) -> Decision {
    let process = thread.process
    let descriptor = call.int(0)
    guard machine.inspect(descriptor, of: process)?.kind == .timer else { return .make }
    var timer = process.timerDescriptors[descriptor] ?? TimerDescriptor()
    if call.number == .timerfd_gettime {
      storeTime(of: timer.timer, at: call.arguments[1], process)
      return .complete(0)
    }
    let isAbsolute = call.int(1) & 1 != 0
    let error = replace(
      &timer.timer, .descriptor(process, descriptor), isAbsolute: isAbsolute, isWallClock: timer.isWallClock,
      new: call.arguments[2], old: call.arguments[3], process)
    if let error { return error }
    if timer.expirations > 0 { machine.setTimer(descriptor, of: process, isDue: false) }
    timer.expirations = 0
    process.timerDescriptors[descriptor] = timer
    return .complete(0)
  }

  func expire(descriptor: Int32, of process: VirtualProcess) {
    guard var timer = process.timerDescriptors[descriptor] else { return }
    let count = takeExpirations(&timer.timer, .descriptor(process, descriptor))
    if timer.expirations == 0, count > 0 { machine.setTimer(descriptor, of: process, isDue: true) }
    timer.expirations += count
    process.timerDescriptors[descriptor] = timer
    recheck(process)
  }

  /// A read of a timer descriptor: the number of expirations. Nil if there is none, or if the descriptor is a copy of
  /// the one that was set.
  func readTimer(_ descriptor: Int32, _ call: Call, _ thread: VirtualThread) -> Decision? {
    let process = thread.process
    guard call.number == .read, let count = process.timerDescriptors[descriptor]?.expirations, count > 0
    else {
      return nil
    }
    guard call.arguments[2] >= 8 else { return failure(.invalid) }
    guard machine.store(count, at: call.arguments[1], of: process) else { return failure(.badAddress) }
    process.timerDescriptors[descriptor]?.expirations = 0
    machine.setTimer(descriptor, of: process, isDue: false)
    return .complete(8)
  }
}
