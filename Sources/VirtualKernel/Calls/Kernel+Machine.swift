import EddyNode

// MARK: - Random numbers

extension Kernel {
  /// The largest number of random bytes of one call; a program that wants more asks again.
  private static let mostRandomBytes: UInt64 = 1 << 20

  func fillRandomly(_ address: UInt64, count: UInt64, _ process: VirtualProcess) -> Decision {
    let count = Int(min(count, Self.mostRandomBytes))
    let words = (0..<(count + 7) / 8).map { _ in process.random.next() }
    let isStored = words.withUnsafeBytes {
      machine.write(process, at: address, UnsafeRawBufferPointer(rebasing: $0[..<count]))
    }
    return isStored || count == 0 ? .complete(count) : failure(.badAddress)
  }
}

// MARK: - What the machine is like

extension Kernel {
  /// struct sysinfo: the memory of an invented machine, whose real figures change all the time. Its stored properties
  /// are those of the C structure.
  private struct SystemInformation {
    var uptime: Int
    var load: (UInt64, UInt64, UInt64) = (0, 0, 0)
    var totalMemory: UInt64 = 8 << 30
    var freeMemory: UInt64 = 4 << 30
    var sharedMemory: UInt64 = 0
    var bufferMemory: UInt64 = 0
    var totalSwap: UInt64 = 0
    var freeSwap: UInt64 = 0
    var processes: UInt16 = 100
    var padding: UInt16 = 0
    var morePadding: UInt32 = 0
    var totalHighMemory: UInt64 = 0
    var freeHighMemory: UInt64 = 0
    var unit: UInt32 = 1
    var lastPadding: UInt32 = 0
  }

  func describeMachine(_ call: Call, _ thread: VirtualThread) -> Decision {
    let process = thread.process
    switch call.number {
    case .getrandom: return fillRandomly(call.arguments[0], count: call.arguments[1], process)
    case .sysinfo:
      let information = SystemInformation(uptime: localNow(process) / 1_000_000_000)
      return machine.store(information, at: call.arguments[0], of: process)
        ? .complete(0) : failure(.badAddress)
    case .sched_getaffinity:
      // One processor: only one thread runs at a time.
      guard call.arguments[1] >= 8 else { return failure(.invalid) }
      return machine.store(1, at: call.arguments[2], of: process) ? .complete(8) : failure(.badAddress)
    case .sched_setaffinity: return .complete(0)
    case .getcpu:
      for address in [call.arguments[0], call.arguments[1]] where address != 0 {
        machine.store(UInt32(0), at: address, of: process)
      }
      return .complete(0)
    case .times: return processTimes(call, process)
    default: return resourceUsage(call, process)
    }
  }

  /// times(2), in hundredths of a second.
  private func processTimes(_ call: Call, _ process: VirtualProcess) -> Decision {
    process.processorTime += 1000
    let ticks = 10_000_000
    if call.arguments[0] != 0 {
      let times = (process.processorTime / ticks, 0, 0, 0)
      guard machine.store(times, at: call.arguments[0], of: process) else { return failure(.badAddress) }
    }
    return .complete(localNow(process) / ticks)
  }

  /// getrusage(2): the invented processor time, and zero for everything else. struct rusage has 18 words.
  private func resourceUsage(_ call: Call, _ process: VirtualProcess) -> Decision {
    process.processorTime += 1000
    var words = [Int](repeating: 0, count: 18)
    words[0] = process.processorTime / 1_000_000_000
    words[1] = process.processorTime % 1_000_000_000 / 1000
    let isStored = words.withUnsafeBytes { machine.write(process, at: call.arguments[1], $0) }
    return isStored ? .complete(0) : failure(.badAddress)
  }
}
