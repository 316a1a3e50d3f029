import EddyTiming

/// The operations of futex(2), without their flags.
private enum FutexOperation {
  static let wait = 0
  static let wake = 1
  static let requeue = 3
  static let compareAndRequeue = 4
  static let wakeAndChange = 5
  static let waitWithBits = 9
  static let wakeWithBits = 10

  static let isPrivate = 128
  static let isWallClock = 256
}

extension Kernel {
  func futex(_ call: Call, _ thread: VirtualThread) -> Decision {
    let flags = FutexOperation.isPrivate | FutexOperation.isWallClock
    let operation = Int(call.int(1))
    let key = futexKey(call, call.arguments[0], thread.process)
    let count = Int(call.int(2))
    switch operation & ~flags {
    case FutexOperation.wait, FutexOperation.waitWithBits: return waitAtFutex(call, key, thread)
    case FutexOperation.wake: return wakeFutex(key, count: count, bits: FutexTable.anyBits)
    case FutexOperation.wakeWithBits:
      let bits = UInt32(truncatingIfNeeded: call.arguments[5])
      return bits == 0 ? failure(.invalid) : wakeFutex(key, count: count, bits: bits)
    case FutexOperation.requeue: return requeue(call, key, thread)
    case FutexOperation.compareAndRequeue:
      guard let word = machine.load(UInt32.self, at: call.arguments[0], of: thread.process) else {
        return failure(.badAddress)
      }
      guard word == UInt32(truncatingIfNeeded: call.arguments[5]) else { return failure(.tryAgain) }
      return requeue(call, key, thread)
    case FutexOperation.wakeAndChange: return wakeAndChange(call, key, thread)
    default:
      remark("futex operation \(operation & ~flags), with priority inheritance, was asked for and refused")
      return failure(.notImplemented)
    }
  }

  /// The queue of an address. Without the flag "private" it is that of all processes which share the memory.
  private func futexKey(_ call: Call, _ address: UInt64, _ process: VirtualProcess) -> FutexKey {
    if Int(call.int(1)) & FutexOperation.isPrivate == 0,
      let place = machine.sharedPlace(of: address, of: process)
    {
      return FutexKey(place)
    }
    return FutexKey(memory: process.memory, address: address)
  }

  private func waitAtFutex(_ call: Call, _ key: FutexKey, _ thread: VirtualThread) -> Decision {
    let operation = Int(call.int(1))
    guard let word = machine.load(UInt32.self, at: call.arguments[0], of: thread.process) else {
      return failure(.badAddress)
    }
    guard word == UInt32(truncatingIfNeeded: call.arguments[2]) else { return failure(.tryAgain) }
    var end: Instant?
    if call.arguments[3] != 0 {
      guard let time = machine.load(TimeValue.self, at: call.arguments[3], of: thread.process) else {
        return failure(.badAddress)
      }
      guard let nanoseconds = time.nanoseconds else { return failure(.invalid) }
      let isAbsolute = operation & 0x7F == FutexOperation.waitWithBits
      let isWallClock = operation & FutexOperation.isWallClock != 0
      end =
        isAbsolute
        ? deadline(at: nanoseconds, isWallClock: isWallClock, thread.process)
        : deadline(in: nanoseconds, thread.process)
    }
    let hasBits = operation & 0x7F == FutexOperation.waitWithBits
    let bits = hasBits ? UInt32(truncatingIfNeeded: call.arguments[5]) : FutexTable.anyBits
    guard bits != 0 else { return failure(.invalid) }
    futexes.add(thread, at: key, bits: bits)
    return hold(call, thread, .futex(key), until: end)
  }

  private func wakeFutex(_ key: FutexKey, count: Int, bits: UInt32) -> Decision {
    let woken = futexes.wake(key, count: max(1, count), bits: bits)
    for thread in woken { goOn(thread, .complete(0)) }
    return .complete(woken.count)
  }

  private func requeue(_ call: Call, _ key: FutexKey, _ thread: VirtualThread) -> Decision {
    let other = futexKey(call, call.arguments[4], thread.process)
    let woken = futexes.wake(key, count: Int(call.int(2)))
    for thread in woken { goOn(thread, .complete(0)) }
    let moved = futexes.move(from: key, to: other, count: Int(call.int(3)))
    for thread in moved { thread.hold?.cause = .futex(other) }
    let isCompared = Int(call.int(1)) & 0x7F == FutexOperation.compareAndRequeue
    // The older operation counts the woken ones only.
    return .complete(woken.count + (isCompared ? moved.count : 0))
  }

  /// FUTEX_WAKE_OP: changes the second word, wakes at the first, and at the second if it compares as asked.
  private func wakeAndChange(_ call: Call, _ key: FutexKey, _ thread: VirtualThread) -> Decision {
    let encoded = UInt32(truncatingIfNeeded: call.arguments[5])
    guard let old = machine.load(Int32.self, at: call.arguments[4], of: thread.process) else {
      return failure(.badAddress)
    }
    guard let change = FutexChange(encoded) else { return failure(.notImplemented) }
    machine.store(change.apply(to: old), at: call.arguments[4], of: thread.process)
    var woken = futexes.wake(key, count: Int(call.int(2)))
    if change.compares(old) {
      let other = futexKey(call, call.arguments[4], thread.process)
      woken += futexes.wake(other, count: Int(call.int(3)))
    }
    for thread in woken { goOn(thread, .complete(0)) }
    return .complete(woken.count)
  }
}

/// The last argument of FUTEX_WAKE_OP: an operation, a comparison, and an operand of 12 bits of each.
struct FutexChange {
  private let operation: UInt32
  private let comparison: UInt32
  private let operand: Int32
  private let comparand: Int32

  /// Nil if there is no such operation or comparison.
  init?(_ encoded: UInt32) {
    operation = encoded >> 28 & 7
    comparison = encoded >> 24 & 15
    guard operation < 5, comparison < 6 else { return nil }
    func signed(_ bits: UInt32) -> Int32 { Int32(bitPattern: bits << 20) >> 20 }
    let isShift = encoded >> 31 != 0
    let given = signed(encoded >> 12 & 0xFFF)
    operand = isShift ? 1 << (given & 31) : given
    comparand = signed(encoded & 0xFFF)
  }

  func apply(to old: Int32) -> Int32 {
    switch operation {
    case 0: operand
    case 1: old &+ operand
    case 2: old | operand
    case 3: old & ~operand
    default: old ^ operand
    }
  }

  func compares(_ old: Int32) -> Bool {
    switch comparison {
    case 0: old == comparand
    case 1: old != comparand
    case 2: old < comparand
    case 3: old <= comparand
    case 4: old > comparand
    default: old >= comparand
    }
  }
}
