/// What the model needs of the real kernel: the memory, the descriptors and the signals of a process.
///
/// Under ptrace it is the machine; in a unit test it is a dictionary.
public protocol Machine: AnyObject {
  /// Fills the buffer from a process's memory. Returns false if an address is not mapped.
  func read(_ process: VirtualProcess, at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Bool

  /// Writes to a process's memory. Returns false if an address is not mapped.
  func write(_ process: VirtualProcess, at address: UInt64, _ bytes: UnsafeRawBufferPointer) -> Bool

  /// The place behind an address in memory that other processes may share; nil if the memory is the process's own.
  func sharedPlace(of address: UInt64, of process: VirtualProcess) -> SharedPlace?

  /// What a descriptor is open on; nil if it is not open.
  func inspect(_ descriptor: Int32, of process: VirtualProcess) -> OpenFile?

  /// Sets `found` of each request, without waiting.
  func poll(_ requests: inout [PollRequest], of process: VirtualProcess)

  /// The ready events of an epoll descriptor, at most `maximum`, as the kernel writes them: 12 bytes each. A negative
  /// error number in place of them. Does not wait.
  func takeEvents(_ descriptor: Int32, of process: VirtualProcess, maximum: Int) -> Result<[UInt8], CallError>

  /// Makes a timer descriptor readable, or not.
  func setTimer(_ descriptor: Int32, of process: VirtualProcess, isDue: Bool)

  /// Sends the signal of a timer.
  func send(_ signal: TimerSignal, to process: VirtualProcess)

  /// The signals that wait for a thread.
  func signals(of thread: VirtualThread) -> SignalSets
}

/// An error number that a call returns.
public struct CallError: Error {
  /// The number, positive.
  public var number: Int

  public init(number: Int) { self.number = number }
}

/// A place in a mapping that processes share: a file's, or one without a name that children inherit.
public struct SharedPlace: Hashable, Sendable {
  /// The device and the inode of what is mapped.
  public var device: UInt64
  public var file: UInt64
  /// In bytes.
  public var offset: UInt64

  public init(device: UInt64, file: UInt64, offset: UInt64) {
    self.device = device
    self.file = file
    self.offset = offset
  }
}

/// What a descriptor is open on.
public struct OpenFile: Equatable, Sendable {
  public enum Kind: Sendable {
    /// A file or directory, which never waits.
    case file
    /// A pipe, a socket, an event counter, a terminal.
    case stream
    case timer
    /// The kernel's random numbers.
    case random
  }

  public var kind: Kind
  public var isNonBlocking: Bool

  public init(_ kind: Kind, isNonBlocking: Bool = false) {
    self.kind = kind
    self.isNonBlocking = isNonBlocking
  }
}

/// One entry of poll(2).
public struct PollRequest: Equatable, Sendable {
  /// Ignored if negative.
  public var descriptor: Int32
  public var events: Int16
  public var found: Int16 = 0

  public init(_ descriptor: Int32, _ events: Int16) {
    self.descriptor = descriptor
    self.events = events
  }

  public static let readable: Int16 = 0x1
  public static let urgent: Int16 = 0x2
  public static let writable: Int16 = 0x4
  public static let failed: Int16 = 0x8
  public static let hungUp: Int16 = 0x10
}

/// The signal of a POSIX timer or of an alarm.
public struct TimerSignal: Equatable, Sendable {
  public var number: Int32
  public var value: UInt64 = 0
  /// The thread's own id for itself; nil if any thread of the process may get it.
  public var thread: Int32?

  public init(number: Int32, value: UInt64 = 0, thread: Int32? = nil) {
    self.number = number
    self.value = value
    self.thread = thread
  }
}

/// Sets of signals: bit n − 1 stands for signal n.
public struct SignalSets: Equatable, Sendable {
  public var pending: UInt64 = 0
  public var blocked: UInt64 = 0
  public var ignored: UInt64 = 0
  public var caught: UInt64 = 0

  public init() {}

  /// The lowest signal that waits for the thread and runs a handler.
  func caughtSignal(blocked: UInt64) -> Int? {
    let due = pending & caught & ~blocked
    return due == 0 ? nil : due.trailingZeroBitCount + 1
  }

  /// Whether a signal waits for the thread that ends or stops the process.
  func hasDefaultAction(blocked: UInt64) -> Bool {
    // SIGCHLD, SIGCONT, SIGURG and SIGWINCH do nothing by default.
    let harmless: UInt64 = 1 << 16 | 1 << 17 | 1 << 22 | 1 << 27
    return pending & ~caught & ~ignored & ~blocked & ~harmless != 0
  }
}

extension Machine {
  /// A value in a process's memory; nil if its address is not mapped.
  package func load<Value: BitwiseCopyable>(
    _ type: Value.Type, at address: UInt64, of process: VirtualProcess
  ) -> Value? {
    withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer in
      guard read(process, at: address, into: UnsafeMutableRawBufferPointer(buffer)) else { return nil }
      return buffer[0]
    }
  }

  /// Writes a value into a process's memory. Returns false if its address is not mapped.
  @discardableResult
  package func store<Value: BitwiseCopyable>(_ value: Value, at address: UInt64, of process: VirtualProcess)
    -> Bool
  {
    withUnsafeBytes(of: value) { write(process, at: address, $0) }
  }

  /// Words in a process's memory; nil if an address is not mapped.
  func words(_ count: Int, at address: UInt64, of process: VirtualProcess) -> [UInt64]? {
    var words = [UInt64](repeating: 0, count: count)
    let isRead = words.withUnsafeMutableBytes { read(process, at: address, into: $0) }
    return isRead ? words : nil
  }
}
