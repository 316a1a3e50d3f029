import CEddyEventLoop
public import EddyTiming

/// One thread's loop over descriptors, timers and signals.
///
///     let loop = try EventLoop()
///     try loop.add(0, interest: .readable) { _ in … }
///     loop.schedule(after: .milliseconds(100)) { … }
///     try loop.run()
///
/// A turn waits, then runs callbacks in this order: ready sources, due timers, actions for the end of the
/// turn. Input goes before timers, so that an acknowledgement that has arrived cancels the retransmission
/// that is due in the same turn.
///
/// Callbacks may add, update and remove any source and timer, including their own. No callback runs within
/// the call that requests it, so a caller's state does not change under it.
///
/// The loop uses level-triggered epoll and one timerfd for all timers, armed at the earliest deadline or
/// before. Not thread-safe: a loop belongs to one thread.
public final class EventLoop {
  /// The time of the monotonic clock. Read once per turn, after waiting, so that all callbacks of a turn see
  /// the same time.
  public internal(set) var now: Instant

  let poller: Poller
  var sources = SourceTable()
  /// The sources that epoll refuses and that have an interest: served once per turn.
  var readyEveryTurn: [SourceID] = []

  var timers = TimerQueue<ScheduledAction>()
  /// Storage for the timers due in a turn, reused so that a turn allocates nothing.
  private var dueTimers: [TimerID] = []
  private let timer: Descriptor
  /// The deadline at which the timer descriptor is armed.
  private var armedDeadline: Instant?

  private var endOfTurnActions: [EndOfTurnAction] = []
  /// Storage for the actions of the current round.
  private var runningActions: [EndOfTurnAction] = []
  private var isInTurn = false
  private var stopsAfterTurn = false

  /// A loop without sources and timers.
  public init() throws(Errno) {
    now = System.monotonicNow
    poller = try Poller()
    timer = Descriptor(owning: try Errno.check(eddy_timer_create()))
    // Its expiry only ends the wait. Which timers are due, the queue knows.
    try poller.add(timer.number, .readable, token: Self.timerToken)
  }

  /// The timer descriptor's token. No source ever has it: there are never 2³² slots.
  private static let timerToken = UInt64.max

  /// How many rounds of end-of-turn actions one turn runs, where each may request the next: one moves a
  /// node's output to a buffer, the next flushes the buffer. The bound keeps an action that always requests
  /// itself from starving the sources; it continues in the next turn.
  private static let endOfTurnRounds = 4
}

// MARK: - Running

extension EventLoop {
  /// Runs turns until ``stop()`` is called or no source, timer or action is left.
  ///
  /// Throws if epoll or the timer descriptor fails, which happens to no correct program.
  public func run() throws(Errno) {
    defer { stopsAfterTurn = false }
    while !stopsAfterTurn, hasWork { try runOnce() }
  }

  /// Makes ``run()`` return at the end of the current turn, or at once if it is called next.
  public func stop() { stopsAfterTurn = true }

  /// Runs one turn, which waits for its first event at most `maximumWait`, without limit if nil.
  public func runOnce(maximumWait: Duration? = nil) throws(Errno) {
    precondition(!isInTurn, "a callback must not run its own loop")
    isInTurn = true
    defer { isInTurn = false }

    let events = try poller.wait(milliseconds: try timeout(atMost: maximumWait))
    now = System.monotonicNow
    for event in events { dispatch(Readiness(event), to: SourceID(token: event.token)) }
    for id in readyEveryTurn { dispatch([.readable, .writable], to: id) }
    // All are collected before any runs: one that re-arms itself without delay waits for the next turn, and
    // input is served in between.
    timers.collectDue(at: now, into: &dueTimers)
    for id in dueTimers { fire(id) }
    runEndOfTurnActions()
  }

  /// Runs `action` once, when the sources and timers of the current turn have been served; outside a turn,
  /// those of the next. For work that is cheaper once per turn than once per event, such as writing replies.
  public func atEndOfTurn(_ action: @escaping () -> Void) {
    endOfTurnActions.append(EndOfTurnAction(run: action))
  }

  private var hasWork: Bool { !sources.isEmpty || !timers.isEmpty || !endOfTurnActions.isEmpty }

  /// How long the next wait may take in milliseconds, -1 for no limit. Arms the timer for it.
  private func timeout(atMost maximumWait: Duration?) throws(Errno) -> Int32 {
    let deadline = timers.nextDeadline
    let isDue = deadline.map { $0 <= now } ?? false
    if isDue || !readyEveryTurn.isEmpty || !endOfTurnActions.isEmpty || maximumWait == .zero { return 0 }
    if mustArm(for: deadline) {
      try Errno.check(eddy_timer_arm(timer.number, deadline.map { Int64(max(0, $0.nanoseconds)) } ?? -1))
      armedDeadline = deadline
    }
    guard let maximumWait else { return -1 }
    return Int32(clamping: max(0, maximumWait.millisecondsRoundedUp))
  }

  /// Whether the timer descriptor would expire too late, or has expired.
  ///
  /// Too early is allowed. Most timers are time-outs of calls that are answered in time, and an occasional
  /// turn without work costs less than a system call for each timer that is cancelled or postponed.
  private func mustArm(for deadline: Instant?) -> Bool {
    guard let armedDeadline, armedDeadline > now else { return deadline != armedDeadline }
    return deadline.map { $0 < armedDeadline } ?? false
  }

  private func dispatch(_ readiness: Readiness, to id: SourceID) {
    // Nil for the timer's token, and for a stale event, whose source an earlier callback of this turn has
    // removed. Empty if one has changed its interest.
    guard let source = sources[id] else { return }
    let wanted = readiness.intersection(source.interest)
    if !wanted.isEmpty { source.handler(wanted) }
  }

  private func runEndOfTurnActions() {
    for _ in 0..<Self.endOfTurnRounds where !endOfTurnActions.isEmpty {
      // Swapped, so that both arrays keep their memory: a turn allocates nothing.
      swap(&runningActions, &endOfTurnActions)
      for action in runningActions { action.run() }
      runningActions.removeAll(keepingCapacity: true)
    }
  }
}

/// A struct around a closure: stored in an array alone, each closure would be boxed.
private struct EndOfTurnAction {
  let run: () -> Void
}
