import EddyNode
import EddyTiming
import EddyVirtualKernel

/// A machine for the model without programs: memory is a dictionary, and a descriptor is what the test says.
final class FakeMachine: Machine {
  struct Descriptor {
    var file: OpenFile
    var found: Int16 = 0
    /// What an epoll descriptor has to say.
    var events: [UInt8] = []
  }

  private var memory: [UInt64: UInt8] = [:]
  var descriptors: [Int32: Descriptor] = [:]
  /// Signals by thread.
  var signals: [Int32: SignalSets] = [:]
  private(set) var sent: [TimerSignal] = []
  private(set) var dueTimers: Set<Int32> = []
  /// Memory that processes share, by its address.
  var shared: [UInt64: SharedPlace] = [:]

  func read(_ process: VirtualProcess, at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Bool
  {
    for index in buffer.indices {
      guard let byte = memory[address + UInt64(index)] else { return false }
      buffer[index] = byte
    }
    return true
  }

  func write(_ process: VirtualProcess, at address: UInt64, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard address >= 0x1000 else { return bytes.isEmpty }
    for (index, byte) in bytes.enumerated() { memory[address + UInt64(index)] = byte }
    return true
  }

  func sharedPlace(of address: UInt64, of process: VirtualProcess) -> SharedPlace? { shared[address] }

  func inspect(_ descriptor: Int32, of process: VirtualProcess) -> OpenFile? { descriptors[descriptor]?.file }

  func poll(_ requests: inout [PollRequest], of process: VirtualProcess) {
    for index in requests.indices where requests[index].descriptor >= 0 {
      guard let descriptor = descriptors[requests[index].descriptor] else {
        requests[index].found = 0x20
        continue
      }
      let always = PollRequest.failed | PollRequest.hungUp
      requests[index].found = descriptor.found & (requests[index].events | always)
    }
  }

  func takeEvents(_ descriptor: Int32, of process: VirtualProcess, maximum: Int) -> Result<[UInt8], CallError>
  {
    guard let found = descriptors[descriptor] else { return .failure(CallError(number: 9)) }
    return .success(Array(found.events.prefix(12 * maximum)))
  }

  func setTimer(_ descriptor: Int32, of process: VirtualProcess, isDue: Bool) {
    if isDue { dueTimers.insert(descriptor) } else { dueTimers.remove(descriptor) }
    descriptors[descriptor]?.found = isDue ? PollRequest.readable : 0
  }

  func send(_ signal: TimerSignal, to process: VirtualProcess) { sent.append(signal) }

  func signals(of thread: VirtualThread) -> SignalSets { signals[thread.id] ?? SignalSets() }
}

/// A process of one node on a fake machine, and what its threads may do next.
final class Fixture {
  let machine = FakeMachine()
  let kernel: Kernel
  let process: VirtualProcess
  /// Threads that may go on, with how, in order.
  private(set) var woken: [(thread: Int32, resumption: Kernel.Resumption?)] = []
  private(set) var remarks: [String] = []

  init(seed: UInt64 = 1) {
    kernel = Kernel(nodes: 1, machine: machine)
    process = kernel.addProgram(id: 100, innerID: 2, node: 0, random: SeededGenerator(seed: seed))
    kernel.enqueue = { [unowned self] thread in
      woken.append((thread.id, thread.resumption))
      thread.isQueued = false
    }
    kernel.remark = { [unowned self] in remarks.append($0) }
  }

  var main: VirtualThread { process.threads[0] }

  func addThread(_ id: Int32) -> VirtualThread { kernel.addThread(id: id, startedBy: main) }

  /// Decides a call; missing arguments are zero.
  @discardableResult
  func call(_ number: SystemCall, _ arguments: UInt64..., by thread: VirtualThread? = nil) -> Kernel.Decision
  {
    var all: [6 of UInt64] = [0, 0, 0, 0, 0, 0]
    for (index, argument) in arguments.enumerated() { all[index] = argument }
    return kernel.decide(Call(number, all), by: thread ?? main)
  }

  /// Decides the call again that holds a thread.
  func again(_ thread: VirtualThread? = nil) -> Kernel.Decision {
    let thread = thread ?? main
    return kernel.decide(thread.hold!.call, by: thread)
  }

  func advance(to milliseconds: Int) { kernel.advance(to: .zero + .milliseconds(milliseconds)) }

  func takeWoken() -> [(thread: Int32, resumption: Kernel.Resumption?)] {
    defer { woken = [] }
    return woken
  }

  func set<Value: BitwiseCopyable>(_ value: Value, at address: UInt64) {
    withUnsafeBytes(of: value) { _ = machine.write(process, at: address, $0) }
  }

  func get<Value: BitwiseCopyable>(_ type: Value.Type = Value.self, at address: UInt64) -> Value? {
    withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer in
      machine.read(process, at: address, into: UnsafeMutableRawBufferPointer(buffer)) ? buffer[0] : nil
    }
  }

  /// Stores a timespec.
  func setTime(_ seconds: Int, _ nanoseconds: Int, at address: UInt64) {
    set(seconds, at: address)
    set(nanoseconds, at: address + 8)
  }
}
