public import EddyTiming

/// A timer's callback, and the interval at which it repeats if it does.
struct ScheduledAction {
  let interval: Duration?
  let action: () -> Void
}

extension EventLoop {
  /// The deadline of the timer that fires next, nil when there is none.
  public var nextDeadline: Instant? { timers.nextDeadline }

  /// Runs `action` once, in the first turn at or after `deadline`; those of one deadline in
  /// the order in which they were scheduled.
  @discardableResult
  public func schedule(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
    timers.insert(ScheduledAction(interval: nil, action: action), at: deadline)
  }

  /// Runs `action` once, `delay` after `now`. Without delay: in the next turn, not in this.
  @discardableResult
  public func schedule(after delay: Duration, _ action: @escaping () -> Void) -> TimerID {
    schedule(at: now + delay, action)
  }

  /// Runs `action` at `now` plus every multiple of `interval`, without drift, until the timer
  /// is cancelled. Multiples that a late loop has missed are skipped, not made up for.
  @discardableResult
  public func schedule(every interval: Duration, _ action: @escaping () -> Void) -> TimerID {
    precondition(interval.nanoseconds > 0, "a repeating timer needs an interval")
    return timers.insert(ScheduledAction(interval: interval, action: action), at: now + interval)
  }

  /// Moves a timer that has not fired, or that repeats, to another deadline. Returns false
  /// when the timer is gone.
  @discardableResult
  public func reschedule(_ id: TimerID, at deadline: Instant) -> Bool {
    timers.reschedule(id, at: deadline)
  }

  /// Cancels a timer and releases its action, even one due in this very turn. Returns false
  /// when the timer is gone.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public func cancel(_ id: TimerID) -> Bool { timers.remove(id) != nil }

  /// Runs one timer of a batch, unless an earlier one cancelled or postponed it.
  func fire(_ id: TimerID) {
    guard let deadline = timers.deadline(of: id), deadline <= now, let timer = timers[id] else { return }
    if let interval = timer.interval {
      // The next multiple that lies ahead: counted from the deadline, not from now.
      let missed = (now - deadline).nanoseconds / interval.nanoseconds
      timers.reschedule(id, at: deadline + .nanoseconds(interval.nanoseconds * (missed + 1)))
    } else {
      timers.remove(id)
    }
    timer.action()
  }
}
