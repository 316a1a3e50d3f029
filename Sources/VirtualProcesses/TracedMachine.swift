import CEddyVirtualProcess
import EddyEventLoop
import EddyVirtualKernel

/// The real kernel, for the model: memory, descriptors and signals of traced processes.
final class TracedMachine: Machine {
  /// Descriptors of the processes, by their ids.
  private var handles: [Int32: Int32] = [:]

  deinit {
    // Any order: each is closed.
    for handle in handles.values { close(handle) }
  }

  func forget(_ process: VirtualProcess) {
    if let handle = handles.removeValue(forKey: process.id) { close(handle) }
  }

  private func close(_ descriptor: Int32) { _ = Descriptor(owning: descriptor) }

  /// Calls `body` with a duplicate of a process's descriptor; returns nil if it is not open.
  private func with<Result>(_ descriptor: Int32, of process: VirtualProcess, _ body: (Int32) -> Result)
    -> Result?
  {
    guard let handle = handle(of: process) else { return nil }
    let duplicate = eddy_descriptor_take(handle, descriptor)
    guard duplicate >= 0 else { return nil }
    defer { close(duplicate) }
    return body(duplicate)
  }

  private func handle(of process: VirtualProcess) -> Int32? {
    if let handle = handles[process.id] { return handle }
    let handle = eddy_process_descriptor(process.id)
    guard handle >= 0 else { return nil }
    handles[process.id] = handle
    return handle
  }

  // MARK: Memory

  func read(_ process: VirtualProcess, at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Bool
  {
    guard let base = buffer.baseAddress else { return true }
    return eddy_memory_read(process.id, address, base, buffer.count) == buffer.count
  }

  func write(_ process: VirtualProcess, at address: UInt64, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    return eddy_memory_write(process.id, address, base, bytes.count) == bytes.count
  }

  func sharedPlace(of address: UInt64, of process: VirtualProcess) -> SharedPlace? {
    var place = eddy_shared_place()
    guard eddy_memory_shared_place(process.id, address, &place) == 1 else { return nil }
    return SharedPlace(device: place.device, file: place.file, offset: place.offset)
  }

  // MARK: Descriptors

  func inspect(_ descriptor: Int32, of process: VirtualProcess) -> OpenFile? {
    with(descriptor, of: process) { duplicate in
      let isNonBlocking = eddy_descriptor_is_nonblocking(duplicate) == 1
      let kind: OpenFile.Kind =
        switch eddy_descriptor_kind(rawValue: eddy_descriptor_kind_of(duplicate)) {
        case EDDY_KIND_STREAM: .stream
        case EDDY_KIND_TIMER: .timer
        case EDDY_KIND_RANDOM: .random
        default: .file
        }
      return OpenFile(kind, isNonBlocking: isNonBlocking)
    }
  }

  func poll(_ requests: inout [PollRequest], of process: VirtualProcess) {
    guard !requests.isEmpty, let handle = handle(of: process) else { return }
    // A descriptor that is not open is found by the real poll, as -1 would be ignored.
    let notOpen: Int16 = 0x20
    var polled = requests.map { request in
      let duplicate = request.descriptor < 0 ? -1 : eddy_descriptor_take(handle, request.descriptor)
      return pollfd(fd: max(-1, duplicate), events: request.events, revents: 0)
    }
    _ = eddy_poll_now(&polled, UInt32(polled.count))
    for index in polled.indices {
      requests[index].found = polled[index].revents
      if polled[index].fd >= 0 {
        close(polled[index].fd)
      } else if requests[index].descriptor >= 0 {
        requests[index].found = notOpen
      }
    }
  }

  func takeEvents(_ descriptor: Int32, of process: VirtualProcess, maximum: Int) -> Result<[UInt8], CallError>
  {
    let badDescriptor = 9
    return with(descriptor, of: process) { duplicate in
      let size = 12
      var result: Int32 = 0
      let events = [UInt8](unsafeUninitializedCapacity: maximum * size) { buffer, count in
        result = eddy_epoll_now(duplicate, buffer.baseAddress!, Int32(maximum))
        count = max(0, Int(result)) * size
      }
      return result < 0 ? .failure(CallError(number: Int(-result))) : .success(events)
    } ?? .failure(CallError(number: badDescriptor))
  }

  func setTimer(_ descriptor: Int32, of process: VirtualProcess, isDue: Bool) {
    _ = with(descriptor, of: process) { eddy_timer_descriptor_set($0, isDue) }
  }

  // MARK: Signals

  func send(_ signal: TimerSignal, to process: VirtualProcess) {
    let thread = signal.thread.flatMap { inner in process.threads.first { eddy_inner_id($0.id) == inner }?.id
    }
    _ = eddy_trace_signal(process.id, thread ?? 0, signal.number, signal.value, true)
  }

  func signals(of thread: VirtualThread) -> SignalSets {
    var found = eddy_signal_sets()
    guard eddy_signal_sets_of(thread.process.id, thread.id, &found) >= 0 else { return SignalSets() }
    var sets = SignalSets()
    sets.pending = found.pending
    sets.blocked = found.blocked
    sets.ignored = found.ignored
    sets.caught = found.caught
    return sets
  }
}
