import EddyEventLoop
import EddyNetwork
import EddyProcess
import EddyProcessCluster
import EddyRun
import EddyStore
import EddyTiming

/// A run of `eddy test` with its processes and its console output.
///
/// It has many stored properties: it owns all parts of a run that need the event loop, and the state of the
/// progress line.
final class TestSession {
  /// The end of a session.
  enum End {
    case finished
    case failed(FailureReport)
    case interrupted(Signal)
  }

  /// The interval between updates of the progress line.
  private static let progressInterval = Duration.milliseconds(200)
  /// The number of updates per plain line if the console is not a terminal: one line every five seconds.
  private static let ticksPerPlainLine = 25

  private let loop: EventLoop
  private let cluster: ProcessCluster
  private let console: Console
  private let isQuiet: Bool
  private let packets: PacketLog
  private let messages: MessageFile
  /// Nil unless operations are shown.
  private var operations: OperationLog?
  private var progress = ProgressReport()
  private var ticks = 0
  private var printedPhase = ""
  private var signals: SourceID?
  private var interruption: Signal?

  init(
    _ run: TestRun, program: Program, directory: RunDirectory, messages: MessageFile, console: Console,
    flags: LogFlags
  ) throws(Errno) {
    loop = try EventLoop()
    self.console = console
    isQuiet = flags.quiet
    operations = flags.logOps ? OperationLog() : nil
    packets = PacketLog(logsSent: flags.logNetSend, logsReceived: flags.logNetRecv)
    self.messages = messages
    run.streamMessages(keepsRecentEvents: packets.isOn)
    cluster = ProcessCluster(
      run, program: program, logDirectory: directory.nodeLogs, dataDirectory: directory.nodeData, on: loop,
      onLogLine: flags.logStderr
        ? { node, line in console.print("\(node): \(String(decoding: line, as: UTF8.self))") } : nil)
  }

  /// Runs to the end. No process of a node is left.
  func run() throws(Errno) -> End {
    System.raiseDescriptorLimit()  // Each node takes three.
    signals = try loop.onSignals([.interrupt, .terminate, .hangUp]) { [unowned self] in interrupt($0) }
    loop.schedule(every: Self.progressInterval) { [unowned self] in showProgress() }
    cluster.onProgress = { [unowned self] in
      messages.append(cluster.run.takeRecords())
      if packets.isOn { packets.print(cluster.run.takeRecentEvents(), on: console) }
      operations?.update(cluster.run.history, on: console)
      if cluster.run.phase.name != printedPhase { showProgress() }
    }
    cluster.onEnd = { [unowned self] in loop.stop() }
    cluster.begin()
    try loop.run()
    console.clear()
    if let remark = cluster.remark { console.print(remark) }
    if let interruption { return .interrupted(interruption) }
    return cluster.failure.map { .failed($0) } ?? .finished
  }

  private func interrupt(_ signal: Signal) {
    // From now on signals have their default effect: a second one also ends the analysis.
    signals.map(loop.remove)
    interruption = signal
    cluster.killAll()
    loop.stop()
  }

  private func showProgress() {
    guard !isQuiet else { return }
    progress.update(cluster.run, unread: cluster.unreadCount, now: loop.now)
    ticks += 1
    let isPlainLineDue = progress.phase != printedPhase || ticks % Self.ticksPerPlainLine == 0
    printedPhase = progress.phase
    if console.isTerminal {
      console.show(progress.text(fitting: console.width))
    } else if isPlainLineDue {
      console.print(progress.text())
    }
  }
}
