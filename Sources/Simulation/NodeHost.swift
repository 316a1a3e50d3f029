import EddyHistory
import EddyNode
import EddyRun
import EddyTiming

/// Nodes in virtual time: hands them lines, fires their timers, takes what they print.
///
/// Each node has a clock of its own, which may be off and run fast or slow; it can be paused,
/// killed and started again, and can be slow to take what it is sent.
final class NodeHost {
  /// How a node's clock differs from virtual time.
  struct Clock {
    /// What it shows at virtual time zero.
    var offset = Duration.zero
    /// By how much it runs fast, in parts per million.
    var drift = 0

    /// In nanoseconds.
    private static let end = 0x1p62

    func local(_ instant: Instant) -> Instant {
      Instant(
        nanoseconds: offset.nanoseconds + instant.nanoseconds + instant.nanoseconds / 1_000_000 * Int(drift)
      )
    }

    /// The first virtual instant at which the clock shows `local` or more.
    func virtual(_ local: Instant) -> Instant {
      guard drift != 0 else { return local - offset }
      let elapsed = local.nanoseconds - offset.nanoseconds
      let exact = Double(elapsed) / (1 + Double(drift) / 1e6)
      // Later than that no run lasts, and the clock's own arithmetic would overflow.
      guard exact < Self.end else { return Instant(nanoseconds: .max) }
      var virtual = Instant(nanoseconds: Int(exact))
      while self.local(virtual) < local { virtual.nanoseconds += 1_000 }
      return virtual
    }
  }

  private struct Slot {
    var node: Node?
    /// How often it has been started: what was meant for one incarnation never reaches the next.
    var incarnation = 0
    var clock = Clock()
    /// The longest time it takes to get round to a line.
    var sluggishness = Duration.zero
    var isPaused = false
    /// Lines that came while it was paused, and how many bytes they have.
    var inbox: [[UInt8]] = []
    var unread = 0
    /// How many bytes it has logged.
    var logged = 0
    var wakeUp: TimerID?
    /// How often its timers have expired at one instant, and at which.
    var expiries = (count: 0, at: Instant.zero)
  }

  private enum Event {
    case timers(node: Int)
    case line([UInt8], node: Int, incarnation: Int)
  }

  /// How often a node's timers may expire at one instant. One that set itself again without delay would
  /// never let the clock go on.
  private static let expiryLimit = 10_000

  private let makeHandler: (Int) -> any Handler
  private let logLevel: LogLevel
  private var slots: [Slot]
  private var events = TimerQueue<Event>()
  private var random: SeededGenerator
  /// Called with each line that a node prints, without its newline.
  var printed: (UnsafeRawBufferPointer, _ node: Int) -> Void = { _, _ in }
  /// Called when a node does what would never let the clock go on. Its timers expire no more.
  var failed: (RunFailure.Cause, _ node: Int) -> Void = { _, _ in }
  /// What the nodes logged, with the virtual instant, in order.
  private(set) var log: [LogLine] = []

  /// How much nodes may take up.
  var limits = RunLimits()
  private var logged = 0

  init(count: Int, seed: UInt64, logLevel: LogLevel, makeHandler: @escaping (Int) -> any Handler) {
    self.makeHandler = makeHandler
    self.logLevel = logLevel
    slots = Array(repeating: Slot(), count: count)
    random = SeededGenerator(seed: seed)
  }

  /// When a node has something to do next. O(1).
  var nextDeadline: Instant? { events.nextDeadline }

  /// Runs everything that the nodes have to do by `now`.
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
      }
    }
  }

  /// Counts how often a node's timers expire at one instant.
  private func mayExpire(_ node: Int, at now: Instant) -> Bool {
    if slots[node].expiries.at != now { slots[node].expiries = (0, now) }
    slots[node].expiries.count += 1
    guard slots[node].expiries.count > Self.expiryLimit else { return true }
    failed(.endlessTimers(count: Self.expiryLimit), node)
    return false
  }

  /// Hands a node a line. A slow node takes it later, lines in any order.
  func deliver(_ line: [UInt8], to node: Int, at now: Instant) {
    guard slots[node].sluggishness > .zero else { return receive(line, node, at: now) }
    let delay = Duration.nanoseconds(Int(random.unit() * Double(slots[node].sluggishness.nanoseconds)))
    events.insert(.line(line, node: node, incarnation: slots[node].incarnation), at: now + delay)
  }

  private func receive(_ line: [UInt8], _ node: Int, at now: Instant) {
    if slots[node].isPaused {
      slots[node].inbox.append(line)
      slots[node].unread += line.count
      let unread = slots[node].unread
      if unread > limits.unreadInput / slots.count, slots.reduce(0, { $0 + $1.unread }) > limits.unreadInput {
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

  private func drain(_ place: Int, at now: Instant) {
    if let wakeUp = slots[place].wakeUp.take() { events.remove(wakeUp) }
    guard let node = slots[place].node else { return }
    slots[place].wakeUp = node.nextDeadline.map {
      events.insert(.timers(node: place), at: max(now, slots[place].clock.virtual($0)))
    }
    for text in node.takeLog() { append(LogLine(time: now, node: place, text: text)) }
    node.drainOutput { output in
      var rest = output[...]
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        printed(UnsafeRawBufferPointer(rebasing: rest[..<end]), place)
        rest = rest[(end + 1)...]
      }
    }
  }
}

// MARK: - Faults

extension NodeHost {
  /// Starts a node anew, with nothing but what others keep for it.
  func start(_ node: Int) {
    slots[node].node = Node(makeHandler(node), seed: random.next(), logLevel: logLevel)
    slots[node].incarnation += 1
    slots[node].isPaused = false
    slots[node].inbox = []
    slots[node].unread = 0
  }

  func kill(_ node: Int) {
    slots[node].node = nil
    slots[node].inbox = []
    slots[node].unread = 0
    if let wakeUp = slots[node].wakeUp.take() { events.remove(wakeUp) }
  }

  func pause(_ node: Int) { slots[node].isPaused = true }

  /// Lets a node go on: it finds its input, and its timers long due.
  func resume(_ node: Int, at now: Instant) {
    guard slots[node].isPaused else { return }
    slots[node].isPaused = false
    let inbox = slots[node].inbox
    slots[node].inbox = []
    slots[node].unread = 0
    for line in inbox { receive(line, node, at: now) }
    drain(node, at: now)
  }

  func setClock(_ clock: Clock, of node: Int) { slots[node].clock = clock }

  func setSluggishness(_ delay: Duration, of node: Int) { slots[node].sluggishness = delay }
}
