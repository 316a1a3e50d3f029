import CEddyEventLoop
public import EddyTiming

/// One thread's loop over descriptors, timers and signals.
///
///     let loop = try EventLoop()
///     try loop.add(0, interest: .readable) { _ in … }
///     loop.schedule(after: .milliseconds(100)) { … }
///     try loop.run()
///
/// A turn waits, then runs callbacks in this order: ready sources, due timers, what was put
/// off to the end of the turn. Input goes before timers so that an acknowledgement which has
/// already arrived cancels the retransmission due in the same turn.
///
/// Callbacks may add, update and remove any source and timer, their own included. None runs
/// from within a call that asks for it, so a caller never meets its own callback half-way.
///
/// Level-triggered epoll; one timerfd for all timers, armed at the earliest deadline or before. Not
/// thread-safe: a loop belongs to one thread.
public final class EventLoop {
  /// The loop's clock, read once a turn, after waiting: what all callbacks of a turn agree on.
  public private(set) var now: Instant

  let poller: Poller
  var sources = SourceTable()
  /// The sources that epoll refuses and that have an interest: served once a turn.
  var readyEveryTurn: [SourceID] = []

  var timers = TimerQueue<ScheduledAction>()
  /// Storage for the timers collected in a turn.
  private var dueTimers: [TimerID] = []
  private let timer: Descriptor
  /// The deadline at which the timer descriptor is armed.
  private var armedDeadline: Instant?

  private var endOfTurnActions: [EndOfTurnAction] = []
  /// Storage for the actions of the round that runs.
  private var runningActions: [EndOfTurnAction] = []
  private var isInTurn = false
  private var stopsAfterTurn = false

  /// A loop with nothing in it.
  public init() throws(Errno) {
    now = System.monotonicNow
    poller = try Poller()
    timer = Descriptor(owning: try Errno.check(eddy_timer_create()))
    // Its expiry only ends the wait: which timers are due is for the queue to say.
    try poller.add(timer.number, .readable, token: Self.timerToken)
  }

  /// The timer descriptor's token, which no source ever has: there are never that many.
  private static let timerToken = UInt64.max

  /// How often actions put off to the end of a turn may put off others to that same end.
  /// One joins a node's output to a buffer, the next flushes the buffer; an action that puts
  /// itself off for ever gets a new turn, and with it everybody else.
  private static let endOfTurnRounds = 4
}

// MARK: - Running

extension EventLoop {
  /// Runs turns until `stop()` is called or nothing is left to wait for.
  ///
  /// Throws when the kernel refuses to wait, which it does not do to a correct program with
  /// memory left.
  public func run() throws(Errno) {
    defer { stopsAfterTurn = false }
    while !stopsAfterTurn, hasWork { try runOnce() }
  }

  /// Makes `run()` return at the end of the present turn, or at once if it is not running.
  public func stop() { stopsAfterTurn = true }

  /// Runs one turn, waiting for the first event at most `maximumWait`, for ever if nil.
  public func runOnce(maximumWait: Duration? = nil) throws(Errno) {
    precondition(!isInTurn, "a callback must not run its own loop")
    isInTurn = true
    defer { isInTurn = false }

    let events = try poller.wait(milliseconds: try timeout(atMost: maximumWait))
    now = System.monotonicNow
    for event in events { dispatch(Readiness(event), to: SourceID(token: event.token)) }
    for id in readyEveryTurn { dispatch([.readable, .writable], to: id) }
    // Collected before any runs: one that re-arms itself without delay waits for the next
    // turn, and input is served between.
    timers.collectDue(at: now, into: &dueTimers)
    for id in dueTimers { fire(id) }
    runEndOfTurnActions()
  }

  /// Runs `action` once, when this turn's sources and timers have been served, or the next
  /// turn's when called outside a turn. For what is cheaper once than for each event, such
  /// as one write of many replies.
  public func atEndOfTurn(_ action: @escaping () -> Void) {
    endOfTurnActions.append(EndOfTurnAction(run: action))
  }

  private var hasWork: Bool { !sources.isEmpty || !timers.isEmpty || !endOfTurnActions.isEmpty }

  /// How long the next wait may take in milliseconds, -1 for ever; arms the timer for it.
  private func timeout(atMost maximumWait: Duration?) throws(Errno) -> Int32 {
    let deadline = timers.nextDeadline
    let isDue = deadline.map { $0 <= now } ?? false
    if isDue || !readyEveryTurn.isEmpty || !endOfTurnActions.isEmpty || maximumWait == .zero { return 0 }
    if mustArm(for: deadline) {
      try Errno.check(eddy_timer_arm(timer.number, deadline.map { max(0, $0.nanoseconds) } ?? -1))
      armedDeadline = deadline
    }
    guard let maximumWait else { return -1 }
    return Int32(clamping: max(0, maximumWait.millisecondsRoundedUp))
  }

  /// Whether the timer descriptor would expire too late, or has expired.
  ///
  /// Too early is good enough: most timers are the limits of calls that are answered in time, and a turn
  /// for nothing now and then is cheaper than a system call whenever one is cancelled or postponed.
  private func mustArm(for deadline: Instant?) -> Bool {
    guard let armedDeadline, armedDeadline > now else { return deadline != armedDeadline }
    return deadline.map { $0 < armedDeadline } ?? false
  }

  private func dispatch(_ readiness: Readiness, to id: SourceID) {
    // Nil for the timer's token, and for an event that went stale: an earlier callback of
    // this turn removed its source. Or one took its interest away.
    guard let source = sources[id] else { return }
    let wanted = readiness.intersection(source.interest)
    if !wanted.isEmpty { source.handler(wanted) }
  }

  private func runEndOfTurnActions() {
    for _ in 0..<Self.endOfTurnRounds where !endOfTurnActions.isEmpty {
      // Swapped, so that both keep their memory: a turn allocates nothing.
      swap(&runningActions, &endOfTurnActions)
      for action in runningActions { action.run() }
      runningActions.removeAll(keepingCapacity: true)
    }
  }
}

/// A closure in an array is stored in a box of its own unless a struct holds it.
private struct EndOfTurnAction {
  let run: () -> Void
}
