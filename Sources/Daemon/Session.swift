import EddyEventLoop
import EddyNode
import EddyTiming

/// A node on an event loop over the standard streams, from start to end.
///
/// Within a turn, lines and due timers go to the node at once. What the node makes of them (output, writes to its
/// disk, log lines, the next deadline) is flushed once, at the end of the turn. So all syncs that a turn asks for are
/// one, and output that waits for none is written before the wait for the disk.
///
/// It has more than twelve stored properties: what it joins (the loop, the node, its disk and the streams), and where
/// it is on the way to its end.
final class Session {
  /// The number of bytes of output at which the node is drained within a turn. Memory stays bounded even if
  /// a read of input leads to far more output. More than one read, so that replies of about the length of
  /// their requests are written once per turn.
  private static let drainThreshold = 256 << 10

  /// How long the end waits for a slow reader of the log.
  private static let logFlushLimit = Duration.seconds(1)

  /// How many syncs one after the other the end waits for: a callback of one may ask for the next.
  private static let finalSyncs = 8

  private let loop: EventLoop
  private let node: Node
  /// The node's disk; nil if it has none, or if it could not be opened.
  private var disk: FileStorage?
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
    let disk = Result { () throws(FileStorage.Failure) in try options.dataDirectory.map(FileStorage.init) }
    self.disk = (try? disk.get()) ?? nil
    node = Node(
      handler, seed: seed, logLevel: options.logLevel, storage: self.disk.map { NodeStorage($0.recovered) })
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
    report(disk)
  }

  /// Tells the node that its disk could not be opened: it will answer its `init` with the reason.
  private func report(_ disk: Result<FileStorage?, FileStorage.Failure>) {
    switch disk {
    case .failure(let failure): storageFailed(failure)
    case .success(let disk?) where disk.tornBytes > 0:
      node.log(.warning, "cut an interrupted write off the disk's log", ["bytes": "\(disk.tornBytes)"])
    case .success: return
    }
    scheduleFlush()
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
    carryOutStorageWork()
    log.write(node.takeLog())
    setTimer()
    if node.hasRefusedInit { finish() }
  }

  /// Carries out what the node has asked of its disk, and one sync. What the sync's callbacks ask for waits for the
  /// next turn, so that it shares its sync with what arrives until then.
  private func carryOutStorageWork() {
    for _ in 0..<(isFinishing ? Self.finalSyncs : 1) where node.hasStorageWork { carryOutOnce() }
    if node.hasStorageWork, !isFinishing { loop.schedule(after: .zero) { self.scheduleFlush() } }
  }

  private func carryOutOnce() {
    guard let disk, let work = node.takeStorageWork() else { return }
    do throws(FileStorage.Failure) {
      let error = try disk.carryOut(work)
      guard let position = work.sync else { return }
      // The loop's time is that of the turn's beginning, and a sync may take long.
      let now = System.monotonicNow
      if let error {
        node.storageDidFail(error, through: position, at: now)
      } else {
        node.storageDidSync(through: position, at: now)
      }
      drain()
    } catch {
      storageFailed(error)
      finish()
    }
  }

  private func storageFailed(_ failure: FileStorage.Failure) {
    hasFailed = true
    // Nothing more is written to it, and its lock is released.
    disk = nil
    node.storageHasFailed(failure.reason, at: System.monotonicNow)
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
    node.stop(at: loop.now)
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
