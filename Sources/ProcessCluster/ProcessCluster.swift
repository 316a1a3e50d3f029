public import EddyEventLoop
import EddyProcess
public import EddyRun
import EddyTiming

/// Drives a run whose nodes are child processes, in real time, on the event loop of one thread.
///
/// It passes the nodes' output to the run and the run's messages to the nodes. One timer of the loop stands
/// for all deadlines of the run. Each turn first collects all lines that have arrived, then advances the run,
/// and then writes once to each node that has messages.
///
/// The programs end with the run, with this object, and with this process, however it ends. The process ignores
/// SIGPIPE from the creation of this object on.
///
/// It has many stored properties: six are settings for the nodes and the owner's callbacks, the rest are the
/// nodes, two timers and the state of a turn.
public final class ProcessCluster {
  /// The run. Its clock is the loop's.
  public let run: TestRun

  /// The failure of the run; nil if it has not failed.
  public private(set) var failure: FailureReport?

  /// Called at the end of each turn in which the run has advanced.
  public var onProgress: (() -> Void)?

  /// Called once, when the run has finished or failed and all programs have ended.
  public var onEnd: (() -> Void)?

  private let loop: EventLoop
  private let program: Program
  private let logDirectory: String
  private let dataDirectory: String?
  private let onLogLine: ((_ node: String, UnsafeRawBufferPointer) -> Void)?
  private var nodes: [NodeProcess?]
  private var timer: TimerID?
  private var logTimer: TimerID?
  private var isSettling = false
  /// Names and process IDs of the nodes that did not end when they were killed.
  private var leftBehind: [String] = []

  /// - Parameters:
  ///   - run: A run that has not begun.
  ///   - program: The program of the nodes.
  ///   - logDirectory: An existing directory for the files `NAME.log` with the nodes' standard error.
  ///   - dataDirectory: Where each node gets a directory of its own, which is empty at first and outlives the node's
  ///     kills. It replaces ``Program/directoryWord`` in the program's arguments, and is created only for that. Nil
  ///     if nothing is replaced.
  ///   - loop: The event loop, which the caller runs.
  ///   - onLogLine: Called with each line of the nodes' standard error.
  public init(
    _ run: TestRun, program: Program, logDirectory: String, dataDirectory: String? = nil, on loop: EventLoop,
    onLogLine: ((_ node: String, UnsafeRawBufferPointer) -> Void)? = nil
  ) {
    // Writing to a program that has ended is an error of that node, and must not end this process.
    System.ignoreBrokenPipes()
    self.run = run
    self.program = program
    self.logDirectory = logDirectory
    self.dataDirectory = dataDirectory
    self.loop = loop
    self.onLogLine = onLogLine
    nodes = Array(repeating: nil, count: run.options.nodes.count)
  }

  deinit { killAll() }

  /// Starts the nodes and the run, which advances while the loop runs.
  public func begin() {
    run.begin(at: loop.now)
    logTimer = loop.schedule(every: Self.logInterval) { [weak self] in self?.checkLogs() }
    settleAtEndOfTurn()
  }

  /// Kills every program and waits for all of them to end, at most for `ChildProcess.endLimit`.
  public func killAll() {
    let running = zip(run.options.nodes, nodes).compactMap { name, node in node.map { (name, $0) } }
    nodes = nodes.map { _ in nil }
    // Kill all of them first, so that they end concurrently.
    for (_, node) in running { node.kill() }
    let deadline = System.monotonicNow + ChildProcess.endLimit
    for (name, node) in running where !node.waitForEnd(until: deadline) {
      leftBehind.append("\(name) (process \(node.processID))")
    }
  }

  /// A sentence that names the programs that did not end when they were killed; nil if all did.
  public var remark: String? {
    guard !leftBehind.isEmpty else { return nil }
    let seconds = ChildProcess.endLimit.components.seconds
    return """
      Left behind: \(leftBehind.joined(separator: ", ")). The kernel had not ended them \(seconds) s after SIGKILL, \
      as when a process waits for a disk or a debugger.
      """
  }

  /// The total unread input of all nodes, in bytes.
  public var unreadCount: Int { nodes.reduce(0) { $0 + ($1?.unreadCount ?? 0) } }
}

extension ProcessCluster {
  /// Carries a run out to its end, on an event loop of its own, and blocks until then.
  ///
  /// Returns why the run failed, or nil if it has finished. Throws when the event loop cannot be made.
  ///
  /// - Parameters:
  ///   - run: A run that has not begun.
  ///   - program: What each node runs.
  ///   - logDirectory: An existing directory for the files `NAME.log` that get what the nodes
  ///     write on standard error.
  ///   - dataDirectory: Where each node gets a directory of its own, if the program's arguments ask for one.
  public static func carryOut(
    _ run: TestRun, program: Program, logDirectory: String, dataDirectory: String? = nil
  ) throws(Errno) -> FailureReport? {
    System.raiseDescriptorLimit()  // Each node takes three.
    let loop = try EventLoop()
    let cluster = ProcessCluster(
      run, program: program, logDirectory: logDirectory, dataDirectory: dataDirectory, on: loop)
    cluster.onEnd = { loop.stop() }
    cluster.begin()
    try loop.run()
    return cluster.failure
  }
}

// MARK: - Turns

extension ProcessCluster {
  private func settleAtEndOfTurn() {
    guard !isSettling else { return }
    isSettling = true
    loop.atEndOfTurn { [weak self] in self?.settle() }
  }

  /// Advances the run with everything that has arrived in this turn.
  private func settle() {
    isSettling = false
    run.advance(to: loop.now)
    for action in run.takeActions() { carryOut(action) }
    onProgress?()
    if run.isFinished { end() } else { armTimer() }
  }

  private func armTimer() {
    guard let deadline = run.nextDeadline else { return }
    if let timer, loop.reschedule(timer, at: deadline) { return }
    timer = loop.schedule(at: deadline) { [weak self] in self?.settleAtEndOfTurn() }
  }

  private func end() {
    for timer in [timer, logTimer] { timer.map { _ = loop.cancel($0) } }
    if case .failed(let failure) = run.phase {
      let unfinishedLine = unfinishedLine(of: failure.node)
      // The log is read after its writer has ended.
      killAll()
      self.failure = FailureReport(
        failure, unfinishedLine: unfinishedLine, logPath: logPath(failure.node))
    }
    killAll()
    let onEnd = onEnd
    self.onEnd = nil
    onEnd?()
  }
}

// MARK: - Nodes

extension ProcessCluster {
  private func carryOut(_ action: TestRun.Action) {
    switch action {
    case .start(let node): start(node)
    // A message to a node that is down is lost.
    case .deliver(let line, let node):
      nodes[node]?.send(line)
      let unread = nodes[node]?.unreadCount ?? 0
      // Usually nothing is unread. All nodes are summed up only when one of them is behind.
      if unread > run.limits.unreadInput / run.options.nodes.count, unreadCount > run.limits.unreadInput {
        fail(.unreadInput(bytes: unread), node)
      }
    case .kill(let node):
      nodes[node]?.kill()
      nodes[node] = nil
    case .pause(let node): nodes[node]?.signal(.stop)
    case .resume(let node): nodes[node]?.signal(.continue)
    }
  }

  private func start(_ node: Int) {
    let name = run.options.nodes[node]
    let program: Program
    do throws(Errno) {
      program = try self.program(of: name)
    } catch {
      return fail(.notStarted(reason: "\(error): the directory \(dataDirectory ?? "")/\(name)"), node)
    }
    do throws(Errno) {
      nodes[node] = try NodeProcess(
        program, logPath: logPath(name), on: loop,
        onLogLine: onLogLine.map { onLogLine in { onLogLine(name, $0) } },
        handler: { [weak self] in self?.handle($0, from: node) })
    } catch {
      fail(.notStarted(reason: explain(error)), node)
    }
  }

  /// The program with the node's own directory, if its arguments ask for one.
  private func program(of name: String) throws(Errno) -> Program {
    guard let dataDirectory, program.needsDirectory else { return program }
    try FileSystem.makeDirectories("\(dataDirectory)/\(name)")
    // Absolute: nodes run in another directory.
    return program.withDirectory(try FileSystem.realPath("\(dataDirectory)/\(name)"))
  }

  private func handle(_ event: NodeProcess.Event, from node: Int) {
    switch event {
    case .line(let line): run.receive(line, from: node, at: loop.now)
    case .overlong(let length):
      fail(.overlongLine(length: length, limit: NodeProcess.maximumLineLength), node)
    case .closed(let stream): fail(.closed(stream: stream.rawValue), node)
    case .ended(.code(0)): fail(.ended, node)
    case .ended(let exit): fail(.crashed(status: explain(exit)), node)
    }
    settleAtEndOfTurn()
  }

  private func fail(_ cause: RunFailure.Cause, _ node: Int) {
    run.fail(RunFailure(cause, node: run.options.nodes[node]))
  }

  /// The interval between checks of the logs' lengths. The fastest disk takes a few hundred MB in it.
  private static let logInterval = Duration.milliseconds(100)

  /// Ends the run if the logs exceed their limit. Nodes write straight to their files, so nothing else limits
  /// them.
  private func checkLogs() {
    let lengths = run.options.nodes.map { (try? FileSystem.length(of: logPath($0))) ?? 0 }
    guard lengths.reduce(0, +) > run.limits.logFiles, let longest = lengths.max(),
      let node = lengths.firstIndex(of: longest)
    else { return }
    fail(.log(bytes: longest, limit: run.limits.logFiles), node)
    settleAtEndOfTurn()
  }

  private func logPath(_ node: String) -> String { "\(logDirectory)/\(node).log" }

  /// Explains why a program could not be started. The kernel's error may concern another file, such as an
  /// interpreter.
  private func explain(_ error: Errno) -> String {
    switch error {
    case .noSuchFile:
      "\(error): \(program.path), or the interpreter named in its first line"
    case .executableFormat:
      "\(error): the first line of a script must be #! and its interpreter, such as #!/usr/bin/env python3"
    default: "\(error): \(program.path)"
    }
  }

  /// Describes how a program ended. The run never reports a node that it has killed itself, so a SIGKILL came
  /// from elsewhere.
  private func explain(_ exit: ChildProcess.Exit) -> String {
    guard exit == .signal(.kill) else { return exit.description }
    return "\(exit), which was not sent by this run; the kernel sends it when memory runs out"
  }

  private func unfinishedLine(of name: String) -> [UInt8] {
    run.options.nodes.firstIndex(of: name).flatMap { nodes[$0] }?.unfinishedLine ?? []
  }
}
