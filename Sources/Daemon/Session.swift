import EddyEventLoop
import EddyNode
import EddyTiming

/// A node joined to a loop over the standard streams, from start to end.
///
/// What a turn brings (lines, due timers) goes to the node at once; what it makes of them
/// (output, log lines, another deadline) is settled once, at the turn's end.
final class Session {
  /// How much output the node may gather within a turn before it is written: a chunk of
  /// input may ask for far more output than it is long, and memory must stay bounded. More
  /// than a chunk, so that plain replies go out in one write a turn.
  private static let drainThreshold = 256 << 10

  /// How long the end waits for a slow reader of the log.
  private static let logGrace = Duration.seconds(1)

  private let loop: EventLoop
  private let node: Node
  private let output: BufferedOutput
  private let log: LogOutput
  private let maximumLineLength: Int
  private var input: LineInput?
  private var signals: SourceID?

  /// The loop's timer for the node's next deadline, and that deadline.
  private var timer: (id: TimerID, deadline: Instant)?
  // A flag's access lasts no longer than its reading: not worth a check for every line.
  @exclusivity(unchecked) private var settlesAtEndOfTurn = false
  private var isFinishing = false
  private var wasInterrupted = false
  private var hasFailed = false

  init(_ handler: any Handler, _ options: Daemon.Options) throws(Errno) {
    System.ignoreBrokenPipes()
    // First of all: a later descriptor may get the number of a stream that is missing.
    let input = try StandardStream.input.open()
    let output = try StandardStream.output.open()
    let error = try StandardStream.error.open()
    loop = try EventLoop()
    let seed = if let seed = options.seed { seed } else { try System.entropy() }
    node = Node(handler, seed: seed, logLevel: options.logLevel)
    // Before the others, for it is closed after them. Streams may share one open file, as on a terminal;
    // whoever makes that non-blocking is the one to make it block again when it is closed, and a stream
    // closed earlier would make this one block while it still has something to write.
    self.output = try BufferedOutput(output, on: loop, highWaterMark: options.outputHighWaterMark)
    log = LogOutput(try BufferedOutput(error, on: loop))
    maximumLineLength = options.maximumLineLength
    self.input = try LineInput(input, on: loop, maximumLength: maximumLineLength) { self.receive($0) }
    self.output.onDrain = { self.goOn() }
    self.output.onFailure = { self.outputFailed($0) }
    signals = try loop.onSignals([.terminate, .interrupt]) { _ in self.interrupt() }
  }

  /// Runs to the end and gives the streams back. Returns whether all went well.
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
    settleAtEndOfTurn()
  }

  private func fireTimers() {
    timer = nil
    node.fireTimers(at: loop.now)
    settleAtEndOfTurn()
  }

  private func settleAtEndOfTurn() {
    guard !settlesAtEndOfTurn else { return }
    settlesAtEndOfTurn = true
    loop.atEndOfTurn { self.settle() }
  }

  private func settle() {
    settlesAtEndOfTurn = false
    drain()
    log.write(node.takeLog())
    setTimer()
  }

  /// Writes the node's output, and takes no input while too much of it has to wait.
  private func drain() {
    node.drainOutput { output.writeNow($0) }
    if output.isFull { input?.pause() }
  }

  private func goOn() {
    input?.resume()
    settleAtEndOfTurn()
  }

  /// Sets the loop's timer to the node's next deadline; to none while output is held back,
  /// lest a node that nobody reads queue its retransmissions for ever.
  private func setTimer() {
    let isHeldBack = isFinishing || input?.isPaused == true
    let deadline = isHeldBack ? nil : node.nextDeadline
    guard deadline != timer?.deadline else { return }
    if let timer { loop.cancel(timer.id) }
    timer = deadline.map { (loop.schedule(at: $0) { self.fireTimers() }, $0) }
  }
}

// MARK: - The end

extension Session {
  /// Takes no more input and fires no more timers; stops once what is queued is written.
  private func finish() {
    guard !isFinishing else { return }
    isFinishing = true
    input?.close()
    settleAtEndOfTurn()
    // Behind the settling: only then is all that the node has made in the queue.
    loop.atEndOfTurn { self.output.whenEmpty { self.finishLog() } }
  }

  private func finishLog() {
    log.whenEmpty { self.loop.stop() }
    loop.schedule(after: Self.logGrace) { self.loop.stop() }
  }

  private func interrupt() {
    if wasInterrupted { loop.stop() }
    wasInterrupted = true
    finish()
  }

  private func outputFailed(_ error: Errno) {
    // A reader that has gone away has what it wanted.
    if error != .brokenPipe {
      hasFailed = true
      node.log(.error, "cannot write standard output", ["reason": "\(error)"])
      // The session may be finishing already, and be told of this last.
      settleAtEndOfTurn()
    }
    finish()
  }
}
