/// Joins a descriptor to a loop and writes to it when it can be written to: standard output
/// of a daemon, standard input of a child.
///
/// What a turn queues goes out in one write at the turn's end. Only while something is left
/// does the loop watch the descriptor. Nothing is dropped, so whoever queues must heed
/// ``isFull`` and stop its own input until ``onDrain``. The loop must outlive it.
///
/// Whom it tells of something it tells at the end of a turn, never from within a call.
public final class BufferedOutput {
  /// 1 MiB, enough to keep a reader busy between two turns.
  public static let defaultHighWaterMark = 1 << 20

  /// The number of queued bytes from which the output is full. A drain is told at a quarter.
  public let highWaterMark: Int

  /// Called when the queue, having been full, is down to a quarter of the mark, and only while it is.
  public var onDrain: (() -> Void)?

  /// Called once, when writing has failed: with EPIPE when nobody reads. What was queued is
  /// dropped, as is all that follows.
  public var onFailure: ((Errno) -> Void)?

  /// Why writing failed, nil while it has not.
  public private(set) var failure: Errno?

  private unowned let loop: EventLoop
  private var descriptor: Descriptor?
  private var buffer = OutputBuffer()
  private var source: SourceID?
  private var isWatching = false
  private var isFlushScheduled = false
  private var isNoticeScheduled = false
  private var wasFull = false
  private var hasToldFailure = false
  private var whenEmptyActions: [() -> Void] = []

  /// An output that owns `descriptor`.
  public init(
    _ descriptor: consuming Descriptor, on loop: EventLoop,
    highWaterMark: Int = BufferedOutput.defaultHighWaterMark
  ) throws(Errno) {
    precondition(highWaterMark > 0, "a high-water mark is positive")
    try descriptor.makeNonBlocking()
    self.descriptor = consume descriptor
    self.loop = loop
    self.highWaterMark = highWaterMark
  }

  /// The number of bytes queued.
  public var count: Int { buffer.count }

  /// Whether the queue has reached the high-water mark.
  public var isFull: Bool { buffer.count >= highWaterMark }

  /// How much memory the queue holds, for tests.
  package var capacity: Int { buffer.capacity }

  /// Queues a copy of `bytes`.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    guard descriptor != nil else { return }
    buffer.append(bytes)
    if isFull { wasFull = true }
    scheduleFlush()
  }

  /// Writes what the descriptor takes of `bytes` now and queues a copy of the rest: no copy
  /// at all, while the reader keeps up. For those who have gathered a turn's bytes themselves.
  public func writeNow(_ bytes: UnsafeRawBufferPointer) {
    guard let written = writeAhead(bytes), written < bytes.count else { return }
    write(UnsafeRawBufferPointer(rebasing: bytes[written...]))
  }

  /// Queues `text` as UTF-8.
  public func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes what the descriptor takes now, without waiting for the end of the turn.
  public func flush() {
    guard descriptor != nil, !buffer.isEmpty else { return }
    do throws(Errno) {
      try buffer.flush { (bytes) throws(Errno) in try descriptor?.write(bytes) }
      try setWatching(!buffer.isEmpty)
    } catch {
      fail(error)
    }
    scheduleNotice()
  }

  /// Calls `action` once, at the end of the first turn at which nothing is queued. After a failure
  /// nothing is.
  public func whenEmpty(_ action: @escaping () -> Void) {
    whenEmptyActions.append(action)
    scheduleNotice()
  }

  /// Closes the descriptor once all that is queued has been written, so that its reader sees
  /// the end of input.
  public func finish() { whenEmpty { self.close() } }

  /// Closes the descriptor at once and drops what is queued, without telling anyone.
  public func close() {
    whenEmptyActions = []
    wasFull = false
    hasToldFailure = true
    closeDescriptor()
  }

  private func closeDescriptor() {
    buffer.removeAll()
    source.map(loop.remove)
    source = nil
    isWatching = false
    descriptor = nil
  }

  /// How much of `bytes` the descriptor took, 0 if others queue before them; nil after a failure.
  private func writeAhead(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard buffer.isEmpty else { return 0 }
    do throws(Errno) {
      return try descriptor?.write(bytes) ?? 0
    } catch {
      fail(error)
      return nil
    }
  }

  private func scheduleFlush() {
    // A watched descriptor took less than it was given: the loop will say when to go on.
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
    scheduleNotice()
  }

  /// Whether there is something to tell: a failure, room after there was none, an empty queue.
  private var tellsFailure: Bool { failure != nil && !hasToldFailure }
  private var tellsDrain: Bool { wasFull && buffer.count <= highWaterMark / 4 }
  private var tellsEmptiness: Bool { buffer.isEmpty && !whenEmptyActions.isEmpty }

  private func scheduleNotice() {
    guard !isNoticeScheduled, tellsFailure || tellsDrain || tellsEmptiness else { return }
    isNoticeScheduled = true
    loop.atEndOfTurn {
      self.isNoticeScheduled = false
      self.notify()
    }
  }

  /// Each is asked about anew: what was true may have changed since, by the one told before, too.
  private func notify() {
    if let failure, tellsFailure {
      hasToldFailure = true
      onFailure?(failure)
    }
    if tellsDrain {
      wasFull = false
      onDrain?()
    }
    if tellsEmptiness {
      let actions = whenEmptyActions
      whenEmptyActions = []
      for action in actions { action() }
    }
  }
}
