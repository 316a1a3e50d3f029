import EddyHistory
import EddyNode
import EddyRun
import EddyTiming

/// Hosts nodes in virtual time: passes lines to them, fires their timers and takes their output.
///
/// Each node has its own clock, which may have an offset and a drift. A node can be paused, killed and
/// started again, it can be slow to process its input, and it can have a disk, which survives its kills.
///
/// It has more than twelve stored properties: what it was made with, the nodes with their disks, the callbacks of
/// its owner, and the log.
final class NodeHost: VirtualNodes {
  /// Unread lines and their total length in bytes.
  struct Inbox {
    var lines: [[UInt8]] = []
    var bytes = 0
  }

  /// A node, or a node that is down, with the conditions it runs under.
  struct Slot {
    /// Nil while the node is down.
    var node: Node?
    /// The number of starts. Lines for one incarnation do not reach the next.
    var incarnation = 0
    var clock = SkewedClock()
    /// The maximum delay before the node processes a line.
    var processingDelay = Duration.zero
    var isPaused = false
    /// Lines that arrived while the node was paused.
    var inbox = Inbox()
    /// The sync that ended while the node was paused.
    var endedSync: Sync?
    /// The total length of the node's log, in bytes.
    var logged = 0
    var wakeUp: TimerID?
    /// The number of timer expiries at one instant, and that instant.
    var expiries = (count: 0, at: Instant.zero)
  }

  /// A sync of a node's disk, and why it fails.
  struct Sync {
    var position: Int
    var error: StorageError?
  }

  enum Event {
    case timers(node: Int)
    case line([UInt8], node: Int, incarnation: Int)
    case sync(Sync, node: Int, incarnation: Int)
  }

  /// The largest number of timer expiries of a node at one instant. A timer that sets itself again without
  /// delay would otherwise keep the clock from advancing.
  private static let expiryLimit = 10_000

  private let makeHandler: (Int) -> any Handler
  private let logLevel: LogLevel
  var slots: [Slot]
  /// The nodes' disks; empty if they have none.
  var disks: [SimulatedDisk] = []
  var events = TimerQueue<Event>()
  private var random: SeededGenerator
  /// Called with each line that a node prints, without its newline.
  var printed: (UnsafeRawBufferPointer, _ node: Int) -> Void = { _, _ in }
  /// Called when a node exceeds a limit. After too many expiries at one instant its timers do not fire any
  /// more.
  var failed: (RunFailure.Cause, _ node: Int) -> Void = { _, _ in }
  /// The nodes' log lines with their virtual instants, in order.
  private(set) var log: [LogLine] = []

  /// Limits on unread input and logs.
  var limits = ResourceLimits()
  private var logged = 0

  init(
    count: Int, seed: UInt64, logLevel: LogLevel, disks: DiskConditions? = nil,
    makeHandler: @escaping (Int) -> any Handler
  ) {
    self.makeHandler = makeHandler
    self.logLevel = logLevel
    slots = Array(repeating: Slot(), count: count)
    random = SeededGenerator(seed: seed)
    guard let disks else { return }
    // A generator of their own: a run without disks does not depend on them.
    var random = SeededGenerator(seed: seed ^ 0xD15C)
    self.disks = (0..<count).map { _ in SimulatedDisk(disks, random.split()) }
  }

  /// The time of the next event of any node; nil if there is none. O(1).
  var nextDeadline: Instant? { events.nextDeadline }

  /// Handles all events of the nodes that are due by `now`.
  func advance(to now: Instant) {
    while let due = events.popDue(at: now) {
      switch due.element {
      case .timers(let node):
        slots[node].wakeUp = nil
        guard !slots[node].isPaused, mayExpire(node, at: now) else { continue }
        slots[node].node?.fireTimers(at: slots[node].clock.local(now))
        drain(node, at: now)
      case .line(let line, let node, let incarnation):
        if incarnation == slots[node].incarnation { receive(line, node, at: now) }
      case .sync(let sync, let node, let incarnation):
        if incarnation == slots[node].incarnation { end(sync, of: node, at: now) }
      }
    }
  }

  /// Counts an expiry of a node's timers, or a sync. Returns false, and reports a failure, if there were too many at
  /// this instant.
  func mayExpire(_ node: Int, at now: Instant) -> Bool {
    if slots[node].expiries.at != now { slots[node].expiries = (0, now) }
    slots[node].expiries.count += 1
    guard slots[node].expiries.count > Self.expiryLimit else { return true }
    failed(.endlessTimers(count: Self.expiryLimit), node)
    return false
  }

  /// Delivers a line to a node. A slow node processes it after a random delay, so that lines may overtake
  /// each other.
  func deliver(_ line: [UInt8], to node: Int, at now: Instant) {
    guard slots[node].processingDelay > .zero else { return receive(line, node, at: now) }
    let delay = Duration.nanoseconds(Int(random.unit() * Double(slots[node].processingDelay.nanoseconds)))
    events.insert(.line(line, node: node, incarnation: slots[node].incarnation), at: now + delay)
  }

  private func receive(_ line: [UInt8], _ node: Int, at now: Instant) {
    if slots[node].isPaused {
      slots[node].inbox.lines.append(line)
      slots[node].inbox.bytes += line.count
      let unread = slots[node].inbox.bytes
      if unread > limits.unreadInput / slots.count,
        slots.reduce(0, { $0 + $1.inbox.bytes }) > limits.unreadInput
      {
        failed(.unreadInput(bytes: unread), node)
      }
    } else {
      line.withUnsafeBytes { slots[node].node?.receive($0, at: slots[node].clock.local(now)) }
      drain(node, at: now)
    }
  }

  private func append(_ line: LogLine) {
    log.append(line)
    let length = line.text.utf8.count
    logged += length
    slots[line.node].logged += length
    guard logged > limits.logsInMemory, let most = slots.map(\.logged).max(),
      let node = slots.firstIndex(where: { $0.logged == most })
    else { return }
    failed(.log(bytes: most, limit: limits.logsInMemory), node)
  }

  func drain(_ index: Int, at now: Instant) {
    if let wakeUp = slots[index].wakeUp.take() { events.remove(wakeUp) }
    guard let node = slots[index].node else { return }
    slots[index].wakeUp = node.nextDeadline.map {
      events.insert(.timers(node: index), at: max(now, slots[index].clock.virtual($0)))
    }
    for text in node.takeLog() { append(LogLine(time: now, node: index, text: text)) }
    node.drainOutput { output in
      var rest = output[...]
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        printed(UnsafeRawBufferPointer(rebasing: rest[..<end]), index)
        rest = rest[(end + 1)...]
      }
    }
    passStorageWork(of: index, at: now)
  }
}

// MARK: - Faults

extension NodeHost {
  /// Starts a new incarnation of a node, with nothing of the previous one but its disk.
  func start(_ node: Int) {
    slots[node].node = Node(
      makeHandler(node), seed: random.next(), logLevel: logLevel, storage: recoverStorage(of: node))
    slots[node].incarnation += 1
    slots[node].isPaused = false
    slots[node].inbox = Inbox()
    slots[node].endedSync = nil
  }

  func kill(_ node: Int) {
    slots[node].node = nil
    slots[node].inbox = Inbox()
    if !disks.isEmpty { disks[node].crash() }
    if let wakeUp = slots[node].wakeUp.take() { events.remove(wakeUp) }
  }

  func pause(_ node: Int) { slots[node].isPaused = true }

  /// Resumes a paused node. It processes the input that has arrived meanwhile and its overdue timers.
  func resume(_ node: Int, at now: Instant) {
    guard slots[node].isPaused else { return }
    slots[node].isPaused = false
    if let sync = slots[node].endedSync.take() { report(sync, to: node, at: now) }
    let inbox = slots[node].inbox
    slots[node].inbox = Inbox()
    for line in inbox.lines { receive(line, node, at: now) }
    drain(node, at: now)
  }

  func setClock(_ clock: SkewedClock, of node: Int) { slots[node].clock = clock }

  func setProcessingDelay(_ delay: Duration, of node: Int) { slots[node].processingDelay = delay }
}
