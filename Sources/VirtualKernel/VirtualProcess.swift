public import EddyNode
public import EddyTiming

/// A process of a node in virtual time: the program itself, or a child of it.
///
/// It has many stored properties, as the kernel's own record of a process has: who it is, its threads and children, and
/// the state that its calls of time and signals change.
public final class VirtualProcess {
  /// The machine's id of the process.
  public let id: Int32
  /// The process's own id for itself.
  public let innerID: Int32
  /// The number of the node it belongs to.
  public let node: Int
  public let parent: VirtualProcess?

  /// The address space, which a child made by vfork shares with its parent until it executes a program.
  var memory: Int
  /// Its threads, in the order of their starts.
  public internal(set) var threads: [VirtualThread] = []
  var children: [VirtualProcess] = []
  /// Whether it has ended. Its parent has not asked for that yet.
  var hasEnded = false

  /// Whether its clock page is mapped.
  public var hasClockPage = false
  /// The virtual time that the page was last set to; nil if it has not been.
  public var synchronized: Instant?
  /// The clock, if there is no page.
  public var clock = ClockPage()
  /// Nanoseconds of processor time, which are invented: each question costs something.
  var processorTime = 0

  /// What it gets as random.
  public var random: SeededGenerator
  /// The signals whose handlers do not interrupt a call.
  var restartingSignals: UInt64 = 0

  var alarm = RepeatingTimer()
  var timers: [Int32: PosixTimer] = [:]
  var nextTimer: Int32 = 0
  var timerDescriptors: [Int32: TimerDescriptor] = [:]

  init(id: Int32, innerID: Int32, node: Int, parent: VirtualProcess?, memory: Int, random: SeededGenerator) {
    self.id = id
    self.innerID = innerID
    self.node = node
    self.parent = parent
    self.memory = memory
    self.random = random
  }
}

extension VirtualProcess {
  /// Removes a thread that has ended together with its process.
  public func drop(_ thread: VirtualThread) { threads.removeAll { $0 === thread } }
}

/// The clock of a process, as its page has it. A read within the process returns `now`, advances it by `step`, and
/// needs no stop while it is below `limit`.
public struct ClockPage: BitwiseCopyable, Equatable, Sendable {
  /// Nanoseconds of the monotonic clock.
  public var now = 0
  /// What the wall clock is ahead of the monotonic one, in nanoseconds.
  public var wall = 0
  public var limit = 0
  public var step = ClockPage.step

  public init() {}

  /// Computation takes no virtual time; a read of the clock takes this much, or a loop that waits for a time would
  /// never end.
  public static let step = 100
  /// How far reads may advance a process's clock before the process waits for the others. Nanoseconds.
  public static let lead = 100_000
}

/// A time in the future, again and again if there is an interval.
struct RepeatingTimer {
  var deadline: Instant?
  var interval = Duration.zero
  var event: TimerID?
}

/// A timer made by timer_create.
struct PosixTimer {
  var timer = RepeatingTimer()
  /// Nil if it only counts.
  var signal: TimerSignal?
  var isWallClock = false
}

/// A timer made by timerfd_create and set.
struct TimerDescriptor {
  var timer = RepeatingTimer()
  /// Expirations that have not been read.
  var expirations: UInt64 = 0
  var isWallClock = false
}
