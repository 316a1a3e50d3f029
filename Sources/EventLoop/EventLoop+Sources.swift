import CEddyEventLoop

extension EventLoop {
  /// Calls `handler` in every turn in which `descriptor` is ready for something in `interest`.
  ///
  /// Readiness is a hint: the handler makes one non-blocking read or write, or a few. If something is left,
  /// the next turn calls it again. A hang-up or an error counts as readiness, since the read or write will
  /// report it. A regular file and `/dev/null` are ready in every turn.
  ///
  /// The loop retains the handler until the source is removed, which must happen before the descriptor is
  /// closed. A descriptor can be added only once at a time: otherwise throws EEXIST.
  @discardableResult
  public func add(
    _ descriptor: Int32, interest: Readiness, handler: @escaping (Readiness) -> Void
  ) throws(Errno) -> SourceID {
    let id = sources.insert(Source(descriptor: descriptor, handler: handler))
    do {
      try update(id, interest: interest)
    } catch {
      sources.remove(id)
      throw error
    }
    return id
  }

  /// Changes what a source waits for. Without an interest it is paused. Does nothing for a removed source.
  public func update(_ id: SourceID, interest: Readiness) throws(Errno) {
    guard let source = sources[id], source.interest != interest else { return }
    var watch = source.watch
    switch watch {
    case .none:
      watch = try startWatching(source.descriptor, interest, id)
    case .epoll where interest.isEmpty:
      // Epoll reports a hang-up even to no interest, in every wait. So a paused source is not registered, or
      // the loop would spin.
      try poller.remove(source.descriptor)
      watch = .none
    case .epoll:
      try poller.modify(source.descriptor, interest, token: id.token)
    case .everyTurn where interest.isEmpty:
      readyEveryTurn.removeAll { $0 == id }
      watch = .none
    case .everyTurn:
      break
    }
    sources.update(id, interest: interest, watch: watch)
  }

  /// Removes a source. Its handler is not called again, not even for an event that this turn has already
  /// gathered. Does nothing for a removed source.
  public func remove(_ id: SourceID) {
    guard let source = sources[id] else { return }
    switch source.watch {
    case .none: break
    // Fails only for a descriptor that was closed too early, which epoll has removed itself.
    case .epoll: try? poller.remove(source.descriptor)
    case .everyTurn: readyEveryTurn.removeAll { $0 == id }
    }
    // A handler that removes itself stays alive until it returns: `dispatch` retains it.
    sources.remove(id)
  }

  private func startWatching(
    _ descriptor: Int32, _ interest: Readiness, _ id: SourceID
  ) throws(Errno) -> Source.Watch {
    do {
      try poller.add(descriptor, interest, token: id.token)
      return .epoll
    } catch .notPermitted {
      readyEveryTurn.append(id)
      return .everyTurn
    }
  }
}

// MARK: - Signals

extension EventLoop {
  /// How many signals one turn reads. Pending signals coalesce, so few ever wait; the rest is read in the
  /// next turn.
  private static let signalsPerTurn = 16

  /// Calls `handler` for each of `signals` that the process receives. It runs in a turn of the loop, so it
  /// may do what a signal handler may not. The signals are blocked until the source is removed.
  ///
  /// Must be called before the process starts other threads, which would receive the signals.
  @discardableResult
  public func onSignals(
    _ signals: [Signal], handler: @escaping (Signal) -> Void
  ) throws(Errno) -> SourceID {
    let queue = try SignalQueue(signals)
    return try add(queue.descriptor.number, interest: .readable) { _ in
      for _ in 0..<Self.signalsPerTurn {
        guard let signal = queue.next() else { return }
        handler(signal)
      }
    }
  }
}

/// A signal descriptor. Its release unblocks the signals.
private final class SignalQueue {
  let descriptor: Descriptor
  private let numbers: [Int32]

  init(_ signals: [Signal]) throws(Errno) {
    numbers = signals.map(\.rawValue)
    descriptor = Descriptor(owning: try Errno.check(eddy_signals_create(numbers, numbers.count)))
  }

  deinit { _ = eddy_signals_unblock(numbers, numbers.count) }

  /// The next pending signal, nil when there is none.
  func next() -> Signal? {
    let number = eddy_signals_read(descriptor.number)
    return number < 0 ? nil : Signal(rawValue: number)
  }
}
