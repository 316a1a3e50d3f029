public import EddyTiming

/// A timer's callback, and the interval at which it repeats, nil if it fires once.
struct ScheduledAction {
  let interval: Duration?
  let action: () -> Void
}

extension EventLoop {
  /// The deadline of the timer that fires next, nil if there is none.
  public var nextDeadline: Instant? { timers.nextDeadline }

  /// Runs `action` once, in the first turn at or after `deadline`. Timers of one deadline fire in the order
  /// in which they were scheduled.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public func schedule(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
    timers.insert(ScheduledAction(interval: nil, action: action), at: deadline)
  }

  /// Reads the clock within a turn: ``now`` is then no earlier than what has just been read from a descriptor.
  public func updateNow() { now = max(now, System.monotonicNow) }

  /// Runs `action` once, `delay` after ``now``. Without a delay, it runs in the next turn.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public func schedule(after delay: Duration, _ action: @escaping () -> Void) -> TimerID {
    schedule(at: now + delay, action)
  }

  /// Runs `action` at ``now`` plus every multiple of `interval`, without drift, until the timer is cancelled.
  /// Multiples that a late loop has missed are skipped.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public func schedule(every interval: Duration, _ action: @escaping () -> Void) -> TimerID {
    precondition(interval.nanoseconds > 0, "a repeating timer needs an interval")
    return timers.insert(ScheduledAction(interval: interval, action: action), at: now + interval)
  }

  /// Moves a timer to another deadline. Returns false if it has fired or been cancelled.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public func reschedule(_ id: TimerID, at deadline: Instant) -> Bool {
    timers.reschedule(id, at: deadline)
  }

  /// Cancels a timer and releases its action, even one that is due in the current turn. Returns false if it
  /// has fired or been cancelled.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public func cancel(_ id: TimerID) -> Bool { timers.remove(id) != nil }

  /// Runs one timer of a batch, unless an earlier one has cancelled or postponed it.
  func fire(_ id: TimerID) {
    guard let deadline = timers.deadline(of: id), deadline <= now, let timer = timers[id] else { return }
    if let interval = timer.interval {
      // The next multiple after `now`, counted from the deadline.
      let missed = (now - deadline).nanoseconds / interval.nanoseconds
      timers.reschedule(id, at: deadline + interval * (missed + 1))
    } else {
      timers.remove(id)
    }
    timer.action()
  }
}
