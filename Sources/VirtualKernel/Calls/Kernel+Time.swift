import EddyTiming

// MARK: - Times in memory

/// struct timespec and struct timeval: two words.
struct TimeValue {
  var seconds: Int
  var rest: Int

  /// The longest wait, 36 years in nanoseconds: sums do not overflow.
  static let longest = 1 << 60

  /// The latest time, in nanoseconds since 1970: in the year 2116.
  static let latest = 1 << 62

  /// Nanoseconds of a timespec, at most ``latest``; nil if it is not valid.
  var nanoseconds: Int? { nanoseconds(perUnit: 1) }

  /// Nanoseconds of a timeval, whose rest is in microseconds.
  var nanosecondsOfMicroseconds: Int? { nanoseconds(perUnit: 1000) }

  private func nanoseconds(perUnit: Int) -> Int? {
    guard seconds >= 0, (0..<1_000_000_000 / perUnit).contains(rest) else { return nil }
    guard seconds < Self.latest / 1_000_000_000 else { return Self.latest }
    return seconds * 1_000_000_000 + rest * perUnit
  }

  init(nanoseconds: Int) {
    seconds = nanoseconds / 1_000_000_000
    rest = nanoseconds % 1_000_000_000
  }

  init(microsecondsOf nanoseconds: Int) {
    seconds = nanoseconds / 1_000_000_000
    rest = nanoseconds % 1_000_000_000 / 1000
  }
}

/// The clocks of clock_gettime(2).
enum ClockID {
  case wall, monotonic, processor

  /// Nil if there is no clock of this number.
  init?(_ number: Int32) {
    switch number {
    // CLOCK_REALTIME, its coarse form, its alarm form, CLOCK_TAI.
    case 0, 5, 8, 11: self = .wall
    // CLOCK_MONOTONIC, its raw and its coarse form, CLOCK_BOOTTIME and its alarm form.
    case 1, 4, 6, 7, 9: self = .monotonic
    // The processor time of this process, this thread, or another one.
    case 2, 3, ..<0: self = .processor
    default: return nil
    }
  }
}

// MARK: - Reading clocks

extension Kernel {
  /// What the node's clock shows, without what the process has read ahead.
  private func clockPage(of process: VirtualProcess) -> ClockPage {
    let clock = clocks[process.node]
    var page = ClockPage()
    page.now = clock.monotonic.local(now).nanoseconds
    page.limit = page.now + ClockPage.lead
    page.wall = clock.wall
    return page
  }

  /// The page of a process's clock at this instant. A clock that is ahead stays where it is.
  ///
  /// - Parameter before: The reading that the process has had.
  public func clockPage(of process: VirtualProcess, before: Int) -> ClockPage {
    var page = clockPage(of: process)
    page.now = max(page.now, before)
    return page
  }

  /// The clock's reading in the process, which its own reads have advanced.
  func localNow(_ process: VirtualProcess) -> Int {
    let before =
      process.hasClockPage
      ? machine.load(Int.self, at: Self.clockPageAddress, of: process) ?? 0 : process.clock.now
    return max(before, clocks[process.node].monotonic.local(now).nanoseconds)
  }

  /// Where the clock page is in each process.
  public static let clockPageAddress: UInt64 = 0x6FFF_0000_0000

  private func setLocalNow(_ reading: Int, _ process: VirtualProcess) {
    if process.hasClockPage {
      machine.store(reading, at: Self.clockPageAddress, of: process)
    } else {
      process.clock.now = reading
    }
  }

  /// The time stamp counter, which counts the nanoseconds of the monotonic clock.
  public func readCounter(of process: VirtualProcess) -> Int {
    let reading = localNow(process) + ClockPage.step
    setLocalNow(reading, process)
    return reading
  }

  /// The virtual time at which the node's monotonic clock shows `reading`.
  func virtual(_ reading: Int, of process: VirtualProcess) -> Instant {
    clocks[process.node].monotonic.virtual(Instant(nanoseconds: reading))
  }

  /// The virtual time that is this many nanoseconds after what the process's clock shows.
  func deadline(in nanoseconds: Int, _ process: VirtualProcess) -> Instant {
    virtual(localNow(process) + min(nanoseconds, TimeValue.longest), of: process)
  }

  /// The virtual time at which a clock of the process shows `reading`.
  func deadline(at reading: Int, isWallClock: Bool, _ process: VirtualProcess) -> Instant {
    virtual(isWallClock ? max(0, reading - clocks[process.node].wall) : reading, of: process)
  }

  func readClock(_ call: Call, _ thread: VirtualThread) -> Decision {
    let process = thread.process
    let isNumbered = call.number == .clock_gettime || call.number == .clock_getres
    guard let id = isNumbered ? ClockID(call.int(0)) : .wall else { return failure(.invalid) }
    if call.number == .clock_getres { return resolution(call, process) }
    if id == .processor { return processorTime(call, process) }
    let reading = localNow(process)
    let ahead = reading - clocks[process.node].monotonic.local(now).nanoseconds
    if ahead >= ClockPage.lead {
      // The process has looked at the clock all the time: it waits until the others have come as far.
      return hold(call, thread, .sleep, until: virtual(reading, of: process))
    }
    setLocalNow(reading + ClockPage.step, process)
    let shown = id == .wall ? reading + clocks[process.node].wall : reading
    return store(shown, for: call, process)
  }

  /// Stores a clock's reading where the call wants it.
  private func store(_ reading: Int, for call: Call, _ process: VirtualProcess) -> Decision {
    switch call.number {
    case .time:
      let seconds = reading / 1_000_000_000
      if call.arguments[0] != 0, !machine.store(seconds, at: call.arguments[0], of: process) {
        return failure(.badAddress)
      }
      return .complete(seconds)
    case .gettimeofday:
      if call.arguments[1] != 0 { machine.store(0, at: call.arguments[1], of: process) }
      if call.arguments[0] == 0 { return .complete(0) }
      let value = TimeValue(microsecondsOf: reading)
      return machine.store(value, at: call.arguments[0], of: process) ? .complete(0) : failure(.badAddress)
    default:
      let value = TimeValue(nanoseconds: reading)
      return machine.store(value, at: call.arguments[1], of: process) ? .complete(0) : failure(.badAddress)
    }
  }

  private func resolution(_ call: Call, _ process: VirtualProcess) -> Decision {
    if call.arguments[1] != 0 { machine.store(TimeValue(nanoseconds: 1), at: call.arguments[1], of: process) }
    return .complete(0)
  }

  private func processorTime(_ call: Call, _ process: VirtualProcess) -> Decision {
    process.processorTime += 1000
    let value = TimeValue(nanoseconds: process.processorTime)
    return machine.store(value, at: call.arguments[1], of: process) ? .complete(0) : failure(.badAddress)
  }
}

// MARK: - Sleeping

extension Kernel {
  func sleep(_ call: Call, _ thread: VirtualThread) -> Decision {
    if isOver(thread) { return .complete(0) }
    let isClockSleep = call.number == .clock_nanosleep
    let address = call.arguments[isClockSleep ? 2 : 0]
    guard let time = machine.load(TimeValue.self, at: address, of: thread.process) else {
      return failure(.badAddress)
    }
    guard let nanoseconds = time.nanoseconds else { return failure(.invalid) }
    let isAbsolute = isClockSleep && call.int(1) & 1 != 0
    let deadline =
      isAbsolute
      ? deadline(at: nanoseconds, isWallClock: ClockID(call.int(0)) == .wall, thread.process)
      : deadline(in: nanoseconds, thread.process)
    if deadline <= now, isAbsolute || nanoseconds == 0 { return yield(thread) == .hold ? .hold : .yield(0) }
    return hold(call, thread, .sleep, until: deadline)
  }

  /// Writes what is left of a sleep that a signal interrupts.
  func storeRest(of hold: Hold, _ thread: VirtualThread) {
    let isClockSleep = hold.call.number == .clock_nanosleep
    let address = hold.call.arguments[isClockSleep ? 3 : 1]
    guard address != 0, !(isClockSleep && hold.call.int(1) & 1 != 0), let deadline = hold.deadline else {
      return
    }
    let rest = max(0, (deadline - now).nanoseconds)
    machine.store(TimeValue(nanoseconds: rest), at: address, of: thread.process)
  }
}
