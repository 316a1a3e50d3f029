/// Writes to a descriptor on a loop and queues what the descriptor does not take: standard output of a
/// daemon, standard input of a child.
///
/// What is queued in a turn is written at its end, in one write. The loop watches the descriptor only while
/// something is left. Nothing is dropped, so a producer must stop when ``isFull`` is true and wait for
/// ``onDrain``. The loop must outlive the output.
///
/// Callbacks run at the end of a turn, never within a call of a method.
///
/// It has more than ten stored properties: half of them are single bits, each of which says what has been asked of the
/// loop or told to the owner and must not be asked or told twice.
public final class BufferedOutput {
  /// 1 MiB: enough to keep a reader busy between two turns.
  public static let defaultHighWaterMark = 1 << 20

  /// The number of queued bytes at which the output is full. ``onDrain`` is called at a quarter of it.
  public let highWaterMark: Int

  /// Called when the queue has been full and is down to a quarter of ``highWaterMark``.
  public var onDrain: (() -> Void)?

  /// Called once, when a write has failed: with ``Errno/brokenPipe`` if no reader is left. What is queued
  /// is dropped, as is everything written later.
  public var onFailure: ((Errno) -> Void)?

  /// Why a write has failed, nil if none has.
  public private(set) var failure: Errno?

  private unowned let loop: EventLoop
  private var descriptor: Descriptor?
  private var queue = ByteQueue()
  private var source: SourceID?
  private var isWatching = false
  private var isFlushScheduled = false
  private var areCallbacksScheduled = false
  private var wasFull = false
  private var hasReportedFailure = false
  private var whenEmptyActions: [() -> Void] = []

  /// An output that owns `descriptor`.
  public init(
    _ descriptor: consuming Descriptor, on loop: EventLoop,
    highWaterMark: Int = BufferedOutput.defaultHighWaterMark
  ) throws(Errno) {
    precondition(highWaterMark > 0, "a high-water mark must be positive")
    try descriptor.makeNonBlocking()
    self.descriptor = consume descriptor
    self.loop = loop
    self.highWaterMark = highWaterMark
  }

  /// The number of bytes queued.
  public var count: Int { queue.count }

  /// Whether the queue has reached the high-water mark.
  public var isFull: Bool { queue.count >= highWaterMark }

  /// The queue's capacity in bytes. For tests.
  package var capacity: Int { queue.capacity }

  /// Queues a copy of `bytes`.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    guard descriptor != nil else { return }
    queue.append(bytes)
    if isFull { wasFull = true }
    scheduleFlush()
  }

  /// Writes at once what the descriptor takes of `bytes` and queues a copy of the rest; while the reader
  /// keeps up, nothing is copied. For a caller that has gathered a turn's bytes itself.
  public func writeNow(_ bytes: UnsafeRawBufferPointer) {
    guard let written = writeAhead(bytes), written < bytes.count else { return }
    write(UnsafeRawBufferPointer(rebasing: bytes[written...]))
  }

  /// Queues `text` as UTF-8.
  public func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes at once what the descriptor takes, without waiting for the end of the turn.
  public func flush() {
    guard descriptor != nil, !queue.isEmpty else { return }
    do throws(Errno) {
      try queue.flush { (bytes) throws(Errno) in try descriptor?.write(bytes) }
      try setWatching(!queue.isEmpty)
    } catch {
      fail(error)
    }
    scheduleCallbacks()
  }

  /// Calls `action` once, at the end of the first turn after which nothing is queued. After a failure,
  /// nothing is queued.
  public func whenEmpty(_ action: @escaping () -> Void) {
    whenEmptyActions.append(action)
    scheduleCallbacks()
  }

  /// Closes the descriptor once all that is queued has been written, so that its reader sees the end of
  /// input.
  public func finish() { whenEmpty { self.close() } }

  /// Closes the descriptor at once and drops what is queued. No callback runs.
  public func close() {
    whenEmptyActions = []
    wasFull = false
    hasReportedFailure = true
    closeDescriptor()
  }

  private func closeDescriptor() {
    queue.removeAll()
    source.map(loop.remove)
    source = nil
    isWatching = false
    descriptor = nil
  }

  /// How many of `bytes` the descriptor has taken, 0 if others are queued before them; nil after a failure.
  private func writeAhead(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard queue.isEmpty else { return 0 }
    do throws(Errno) {
      return try descriptor?.write(bytes) ?? 0
    } catch {
      fail(error)
      return nil
    }
  }

  private func scheduleFlush() {
    // A watched descriptor has taken less than it was given; the loop calls when it takes more.
    guard !isFlushScheduled, !isWatching else { return }
    isFlushScheduled = true
    loop.atEndOfTurn {
      self.isFlushScheduled = false
      if !self.isWatching { self.flush() }
    }
  }

  private func setWatching(_ watch: Bool) throws(Errno) {
    guard watch != isWatching, let number = descriptor?.number else { return }
    if let source {
      try loop.update(source, interest: watch ? .writable : [])
    } else {
      source = try loop.add(number, interest: .writable) { _ in self.flush() }
    }
    isWatching = watch
  }

  private func fail(_ error: Errno) {
    failure = error
    closeDescriptor()
    scheduleCallbacks()
  }

  /// Which callbacks are due: after a failure, after a full queue has drained, with an empty queue.
  private var isFailureDue: Bool { failure != nil && !hasReportedFailure }
  private var isDrainDue: Bool { wasFull && queue.count <= highWaterMark / 4 }
  private var isEmptinessDue: Bool { queue.isEmpty && !whenEmptyActions.isEmpty }

  private func scheduleCallbacks() {
    guard !areCallbacksScheduled, isFailureDue || isDrainDue || isEmptinessDue else { return }
    areCallbacksScheduled = true
    loop.atEndOfTurn {
      self.areCallbacksScheduled = false
      self.runCallbacks()
    }
  }

  /// Runs the callbacks that are still due. Each condition is evaluated just before its callback: what has
  /// happened since, an earlier callback included, may have changed it.
  private func runCallbacks() {
    if let failure, isFailureDue {
      hasReportedFailure = true
      onFailure?(failure)
    }
    if isDrainDue {
      wasFull = false
      onDrain?()
    }
    if isEmptinessDue {
      let actions = whenEmptyActions
      whenEmptyActions = []
      for action in actions { action() }
    }
  }
}
