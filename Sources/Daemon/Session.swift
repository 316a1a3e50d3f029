import EddyEventLoop
import EddyNode
import EddyTiming

/// A node on an event loop over the standard streams, from start to end.
///
/// Within a turn, lines and due timers go to the node at once. What the node makes of them (output, log
/// lines, the next deadline) is flushed once, at the end of the turn.
final class Session {
  /// The number of bytes of output at which the node is drained within a turn. Memory stays bounded even if
  /// a read of input leads to far more output. More than one read, so that replies of about the length of
  /// their requests are written once per turn.
  private static let drainThreshold = 256 << 10

  /// How long the end waits for a slow reader of the log.
  private static let logFlushLimit = Duration.seconds(1)

  private let loop: EventLoop
  private let node: Node
  private let output: BufferedOutput
  private let log: LogOutput
  private let maximumLineLength: Int
  private var input: LineInput?
  private var signals: SourceID?

  /// The loop's timer for the node's next deadline, and that deadline.
  private var timer: (id: TimerID, deadline: Instant)?
  // Unchecked, as every line reads it and no callback runs within an access.
  @exclusivity(unchecked) private var isFlushScheduled = false
  private var isFinishing = false
  private var wasInterrupted = false
  private var hasFailed = false

  init(_ handler: any Handler, _ options: Daemon.Options) throws(Errno) {
    System.ignoreBrokenPipes()
    // Before any other descriptor is opened, which could get the number of a stream that is closed.
    let input = try StandardStream.input.open()
    let output = try StandardStream.output.open()
    let error = try StandardStream.error.open()
    loop = try EventLoop()
    let seed = if let seed = options.seed { seed } else { try System.entropy() }
    node = Node(handler, seed: seed, logLevel: options.logLevel)
    // The output comes first: only this order makes restoring O_NONBLOCK safe. The streams may share one open
    // file, as on a terminal. Then the first of them to make the file non-blocking makes it block again when
    // it is closed. The input is closed while output may still be queued; if the input had come first, the
    // rest of the output would be written to a blocking file, and a slow reader would stop the loop.
    self.output = try BufferedOutput(output, on: loop, highWaterMark: options.outputHighWaterMark)
    log = LogOutput(try BufferedOutput(error, on: loop))
    maximumLineLength = options.maximumLineLength
    self.input = try LineInput(input, on: loop, maximumLength: maximumLineLength) { self.receive($0) }
    self.output.onDrain = { self.resume() }
    self.output.onFailure = { self.outputFailed($0) }
    signals = try loop.onSignals([.terminate, .interrupt]) { _ in self.interrupt() }
  }

  /// Runs to the end, then closes the streams and so restores them. Returns whether nothing has failed.
  func run() throws(Errno) -> Bool {
    defer { close() }
    try loop.run()
    return !hasFailed
  }

  private func close() {
    input?.close()
    output.close()
    log.close()
    signals.map(loop.remove)
  }
}

// MARK: - A turn

extension Session {
  private func receive(_ event: LineInput.Event) {
    switch event {
    case .line(let bytes):
      node.receive(bytes, at: loop.now)
      if node.outputCount >= Self.drainThreshold { drain() }
    case .overlong(let length):
      let reason = "its \(length) bytes are more than the maximum of \(maximumLineLength)"
      node.reportDroppedInput(reason, at: loop.now)
    case .end(nil):
      finish()
    case .end(let error?):
      hasFailed = true
      node.log(.error, "cannot read standard input", ["reason": "\(error)"])
      finish()
    }
    scheduleFlush()
  }

  private func fireTimers() {
    timer = nil
    node.fireTimers(at: loop.now)
    scheduleFlush()
  }

  private func scheduleFlush() {
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    loop.atEndOfTurn { self.flushTurn() }
  }

  private func flushTurn() {
    isFlushScheduled = false
    drain()
    log.write(node.takeLog())
    setTimer()
  }

  /// Writes the node's output. Pauses input while too much of the output is queued.
  private func drain() {
    node.drainOutput { output.writeNow($0) }
    if output.isFull { input?.pause() }
  }

  private func resume() {
    input?.resume()
    scheduleFlush()
  }

  /// Sets the loop's timer to the node's next deadline, or to none while input is paused: without a reader
  /// of its output, the node would queue retransmissions without bound.
  private func setTimer() {
    let isStopped = isFinishing || input?.isPaused == true
    let deadline = isStopped ? nil : node.nextDeadline
    guard deadline != timer?.deadline else { return }
    if let timer { loop.cancel(timer.id) }
    timer = deadline.map { (loop.schedule(at: $0) { self.fireTimers() }, $0) }
  }
}

// MARK: - The end

extension Session {
  /// Ends input and timers. Stops the loop once all output and then the log have been written.
  private func finish() {
    guard !isFinishing else { return }
    isFinishing = true
    input?.close()
    scheduleFlush()
    // After the flush of this turn, which queues the node's last output.
    loop.atEndOfTurn { self.output.whenEmpty { self.finishLog() } }
  }

  private func finishLog() {
    log.whenEmpty { self.loop.stop() }
    loop.schedule(after: Self.logFlushLimit) { self.loop.stop() }
  }

  private func interrupt() {
    if wasInterrupted { loop.stop() }
    wasInterrupted = true
    finish()
  }

  private func outputFailed(_ error: Errno) {
    // A reader that closes its end needs no more output.
    if error != .brokenPipe {
      hasFailed = true
      node.log(.error, "cannot write standard output", ["reason": "\(error)"])
      // Needed if the session is finishing already: then `finish()` flushes nothing.
      scheduleFlush()
    }
    finish()
  }
}
