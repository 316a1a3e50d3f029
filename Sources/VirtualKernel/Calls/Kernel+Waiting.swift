import EddyTiming

// MARK: - Reading

extension Kernel {
  func read(_ call: Call, _ thread: VirtualThread) -> Decision {
    let descriptor = call.int(0)
    guard let file = machine.inspect(descriptor, of: thread.process) else { return .make }
    switch file.kind {
    case .file: return .make
    case .random:
      // readv from the random device is rare enough to be left to the kernel.
      guard call.number == .read else { return .make }
      return fillRandomly(call.arguments[1], count: call.arguments[2], thread.process)
    case .timer:
      if let decision = readTimer(descriptor, call, thread) { return decision }
      return readStream(descriptor, isNonBlocking: file.isNonBlocking, call, thread)
    case .stream: return readStream(descriptor, isNonBlocking: file.isNonBlocking, call, thread)
    }
  }

  /// The calls that receive from a socket.
  func receive(_ call: Call, _ thread: VirtualThread) -> Decision {
    guard let file = machine.inspect(call.int(0), of: thread.process) else { return .make }
    let flags: UInt64 =
      switch call.number {
      case .recvfrom, .recvmmsg: call.arguments[3]
      case .recvmsg: call.arguments[2]
      default: 0
      }
    let doesNotWait: UInt64 = 0x40
    return readStream(
      call.int(0), isNonBlocking: file.isNonBlocking || flags & doesNotWait != 0, call, thread)
  }

  private func readStream(_ descriptor: Int32, isNonBlocking: Bool, _ call: Call, _ thread: VirtualThread)
    -> Decision
  {
    var requests = [PollRequest(descriptor, PollRequest.readable)]
    machine.poll(&requests, of: thread.process)
    if requests[0].found != 0 { return .make }
    if isNonBlocking { return fruitless(call, thread, -ErrorNumber.tryAgain.rawValue) }
    return hold(call, thread, .descriptors)
  }

  /// Whether a thread that waits for descriptors may find something. Reads only.
  public func mayFindSomething(_ thread: VirtualThread) -> Bool {
    guard let hold = thread.hold, hold.cause == .descriptors else { return false }
    var requests: [PollRequest]
    switch hold.call.number {
    case .poll, .ppoll: requests = pollRequests(hold.call, thread.process) ?? []
    case .select, .pselect6: requests = SelectSets(hold.call, machine, thread.process)?.requests ?? []
    default: requests = [PollRequest(hold.call.int(0), PollRequest.readable)]
    }
    machine.poll(&requests, of: thread.process)
    return requests.contains { $0.found != 0 }
  }

  /// Lets every waiting thread that may find something decide its call again.
  public func recheck(_ process: VirtualProcess) {
    for thread in process.threads where mayFindSomething(thread) { goOn(thread, .decide) }
  }
}

// MARK: - poll

extension Kernel {
  /// struct pollfd is 8 bytes, as is the element here: int, short, short.
  private struct PollEntry {
    var descriptor: Int32
    var events: Int16
    var found: Int16
  }

  private static let mostDescriptors = 1 << 16

  private func pollRequests(_ call: Call, _ process: VirtualProcess) -> [PollRequest]? {
    let count = Int(truncatingIfNeeded: call.arguments[1])
    guard (0...Self.mostDescriptors).contains(count) else { return nil }
    guard let words = machine.words(count, at: call.arguments[0], of: process) else { return nil }
    return words.map {
      let entry = unsafeBitCast($0, to: PollEntry.self)
      return PollRequest(entry.descriptor, entry.events)
    }
  }

  func poll(_ call: Call, _ thread: VirtualThread) -> Decision {
    guard var requests = pollRequests(call, thread.process) else { return .make }
    machine.poll(&requests, of: thread.process)
    let found = requests.count { $0.found != 0 }
    // A timeout in milliseconds, or a timespec.
    let milliseconds = call.number == .poll ? Int(call.int(2)) : nil
    let timeout =
      milliseconds.map { $0 < 0 ? nil : $0 * 1_000_000 } ?? timespec(call.arguments[2], thread.process)
    if found == 0, timeout != 0, !isOver(thread) {
      return hold(call, thread, .descriptors, until: timeout.map { deadline(in: $0, thread.process) })
    }
    let entries = requests.map { PollEntry(descriptor: $0.descriptor, events: $0.events, found: $0.found) }
    let isStored = entries.withUnsafeBytes { machine.write(thread.process, at: call.arguments[0], $0) }
    guard isStored || entries.isEmpty else { return failure(.badAddress) }
    return found == 0 && !isOver(thread) ? fruitless(call, thread, 0) : .complete(found)
  }

  /// Nanoseconds of the timespec at an address; nil if there is none, which means without end.
  func timespec(_ address: UInt64, _ process: VirtualProcess) -> Int? {
    guard address != 0 else { return nil }
    return machine.load(TimeValue.self, at: address, of: process)?.nanoseconds ?? 0
  }
}

// MARK: - select

/// The three sets of select(2): what is asked of each descriptor.
struct SelectSets {
  private(set) var requests: [PollRequest] = []
  private let words: Int
  private let addresses: [UInt64]

  /// What each set asks for, and what it counts as found, as in the kernel's fs/select.c.
  private static let asked = [PollRequest.readable, PollRequest.writable, PollRequest.urgent]
  private static let counted: [Int16] = [
    PollRequest.readable | PollRequest.failed | PollRequest.hungUp,
    PollRequest.writable | PollRequest.failed, PollRequest.urgent,
  ]

  /// Reads the sets of a call; nil if they cannot be read.
  init?(_ call: Call, _ machine: any Machine, _ process: VirtualProcess) {
    let count = Int(call.int(0))
    guard (0...(1 << 20)).contains(count) else { return nil }
    words = (count + 63) / 64
    addresses = [call.arguments[1], call.arguments[2], call.arguments[3]]
    var sets: [[UInt64]] = []
    for address in addresses {
      guard address != 0 else {
        sets.append([])
        continue
      }
      guard let set = machine.words(words, at: address, of: process) else { return nil }
      sets.append(set)
    }
    for descriptor in 0..<count {
      var events: Int16 = 0
      for (set, asked) in zip(sets, Self.asked)
      where !set.isEmpty && set[descriptor / 64] >> (descriptor % 64) & 1 != 0 { events |= asked }
      if events != 0 { requests.append(PollRequest(Int32(descriptor), events)) }
    }
  }

  /// Writes what was found. Returns the number of bits that are set.
  func store(_ found: [PollRequest], _ machine: any Machine, _ process: VirtualProcess) -> Int {
    var count = 0
    for (index, address) in addresses.enumerated() where address != 0 {
      var set = [UInt64](repeating: 0, count: words)
      for request in found
      where request.events & Self.asked[index] != 0 && request.found & Self.counted[index] != 0 {
        set[Int(request.descriptor) / 64] |= 1 << (UInt64(request.descriptor) % 64)
        count += 1
      }
      set.withUnsafeBytes { _ = machine.write(process, at: address, $0) }
    }
    return count
  }
}

extension Kernel {
  func select(_ call: Call, _ thread: VirtualThread) -> Decision {
    let process = thread.process
    guard let sets = SelectSets(call, machine, process) else { return .make }
    var requests = sets.requests
    machine.poll(&requests, of: process)
    let isOver = isOver(thread)
    // A descriptor that is not open is an error, which the real kernel reports.
    if requests.contains(where: { $0.found & 0x20 != 0 }) { return .make }
    let timeout =
      call.number == .pselect6 ? timespec(call.arguments[4], process) : timeval(call.arguments[4], process)
    if requests.allSatisfy({ $0.found == 0 }), timeout != 0, !isOver {
      return hold(call, thread, .descriptors, until: timeout.map { deadline(in: $0, process) })
    }
    let found = sets.store(requests, machine, process)
    return found == 0 && !isOver ? fruitless(call, thread, 0) : .complete(found)
  }

  private func timeval(_ address: UInt64, _ process: VirtualProcess) -> Int? {
    guard address != 0 else { return nil }
    return machine.load(TimeValue.self, at: address, of: process)?.nanosecondsOfMicroseconds ?? 0
  }
}

// MARK: - epoll

extension Kernel {
  private static let mostEvents = 4096

  /// epoll_wait(2). The signal mask of epoll_pwait is not applied: a signal that it would let through waits for the
  /// call's end.
  func waitForEvents(_ call: Call, _ thread: VirtualThread) -> Decision {
    let maximum = Int(call.int(2))
    guard maximum > 0 else { return .make }
    switch machine.takeEvents(call.int(0), of: thread.process, maximum: min(maximum, Self.mostEvents)) {
    case .failure(let error): return .complete(-error.number)
    case .success(let events):
      if !events.isEmpty {
        let isStored = events.withUnsafeBytes { machine.write(thread.process, at: call.arguments[1], $0) }
        return isStored ? .complete(events.count / 12) : failure(.badAddress)
      }
    }
    if isOver(thread) { return .complete(0) }
    let milliseconds = call.number == .epoll_pwait2 ? nil : Int(call.int(3))
    let timeout =
      milliseconds.map { $0 < 0 ? nil : $0 * 1_000_000 } ?? timespec(call.arguments[3], thread.process)
    if timeout == 0 { return fruitless(call, thread, 0) }
    return hold(call, thread, .descriptors, until: timeout.map { deadline(in: $0, thread.process) })
  }
}
