public import EddyTiming

/// A thread of a program in virtual time.
public final class VirtualThread {
  /// The machine's id of the thread.
  public let id: Int32
  public let process: VirtualProcess

  /// Where the kernel writes zero when the thread ends, and wakes who waits there.
  var clearAddress: UInt64 = 0
  /// What it asked of the thread or process that it is about to start: flags of clone(2), and where the new one's id
  /// is cleared.
  var cloning = (flags: UInt64(0), clearAddress: UInt64(0))

  /// Whether it waits for its turn.
  public var isQueued = false
  /// How it goes on when its turn comes; nil if it has stopped between two calls.
  public var resumption: Kernel.Resumption?

  /// The call that holds the thread; nil while it runs or may run.
  public internal(set) var hold: Hold?
  /// The number of calls in a row that returned without having found anything.
  var fruitlessCalls = 0
  /// How often in a row it was found waiting in the real kernel.
  public var kernelWaits = 0
  /// The last calls, for a report.
  public internal(set) var lastCalls = RecentCalls()

  init(id: Int32, process: VirtualProcess) {
    self.id = id
    self.process = process
  }
}

/// A call that waits.
public struct Hold {
  enum Cause: Equatable {
    case sleep
    case futex(FutexKey)
    /// Something that only the real kernel knows: descriptors.
    case descriptors
    /// The end of a child process.
    case child
    /// A signal, unless it is in the set.
    case signal(blocked: UInt64?)
    /// The program found nothing so often that time must go on; then the call returns this.
    case fruitless(Int)
  }

  /// The call as it was made.
  public var call: Call
  var cause: Cause
  /// When it ends by itself, in virtual time.
  public var deadline: Instant?
  /// The deadline in the queue of events.
  var timer: TimerID?
  /// Whether the deadline has come.
  var isOver = false
}

/// The last calls of a thread, as many as help to see what it was doing.
public struct RecentCalls: Sendable {
  private static let capacity = 8
  private var calls: [SystemCall] = []
  private var next = 0

  public init() {}

  mutating func add(_ call: SystemCall) {
    if calls.count < Self.capacity {
      calls.append(call)
    } else {
      calls[next] = call
      next = (next + 1) % Self.capacity
    }
  }

  /// From the oldest to the newest.
  public var list: [SystemCall] { Array(calls[next...] + calls[..<next]) }
}
