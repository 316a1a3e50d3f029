import EddyEventLoop
import EddyProcess
import EddyTiming

/// A node's program, running: a child process with pipes to and from it.
///
/// It speaks to its owner until it was stopped, and is killed when it is released.
final class NodeProcess {
  enum Event {
    /// A line on standard output, without its newline. The bytes are good until the handler returns.
    case line(UnsafeRawBufferPointer)
    /// A line of so many bytes, more than are taken.
    case overlong(length: Int)
    /// The program has closed this stream and runs on.
    case closed(Stream)
    /// The program ended by itself, and all that it wrote has been handed on. The last event.
    case ended(ChildProcess.Exit)
  }

  /// A pipe to or from the program, that it can't do without.
  enum Stream: String {
    case input = "standard input"
    case output = "standard output"
  }

  /// The longest line that is taken, 64 MiB.
  static let maximumLineLength = LineReader.defaultMaximumLength

  /// Where every node starts, as under Maelstrom.
  private static let workingDirectory = "/tmp"

  /// How long the end of a pipe is awaited after the program's, for a process that it started, and
  /// that left its group, may hold it open for ever; and the program's end after that of a pipe, for
  /// the kernel closes pipes first.
  private static let endTimeout = Duration.seconds(1)

  private unowned let loop: EventLoop
  private let child: ChildProcess
  private let input: BufferedOutput
  private var output: LineInput?
  /// Standard error, when it goes through this process.
  private var errors: LineInput?
  private var handler: ((Event) -> Void)?
  private var exit: ChildProcess.Exit?
  /// The pipes from the program that have not ended.
  private var openPipes = 0

  /// Starts the program; throws why it could not be executed.
  ///
  /// - Parameters:
  ///   - logPath: The file that gets what the program writes on standard error, behind what an
  ///     earlier program wrote there.
  ///   - onLogLine: Gets it too, line by line, without newlines.
  init(
    _ program: Program, logPath: String, on loop: EventLoop,
    onLogLine: ((UnsafeRawBufferPointer) -> Void)? = nil, handler: @escaping (Event) -> Void
  ) throws(Errno) {
    let inputPipe = try Pipe()
    let outputPipe = try Pipe()
    let log = try FileSystem.open(logPath, for: .append)
    self.loop = loop
    self.handler = handler
    if let onLogLine {
      let errorPipe = try Pipe()
      child = try Self.start(program, inputPipe.readEnd, outputPipe.writeEnd, errorPipe.writeEnd)
      input = try BufferedOutput(inputPipe.writeEnd, on: loop)
      errors = try copy(errorPipe.readEnd, to: LogFile(log), onLogLine)
    } else {
      // Nobody but the program need touch its log.
      child = try Self.start(program, inputPipe.readEnd, outputPipe.writeEnd, log)
      input = try BufferedOutput(inputPipe.writeEnd, on: loop)
    }
    output = try read(outputPipe.readEnd)
    input.onFailure = { [weak self] _ in self?.streamEnded(.input) }
    try child.onExit(on: loop) { [weak self] in self?.programEnded($0) }
  }

  private static func start(
    _ program: Program, _ input: borrowing Descriptor, _ output: borrowing Descriptor,
    _ error: borrowing Descriptor
  ) throws(Errno) -> ChildProcess {
    try ChildProcess(
      program.path, program.arguments, workingDirectory: workingDirectory, standardInput: input,
      standardOutput: output, standardError: error)
  }

  /// Queues a line, without newline, for the program's standard input.
  ///
  /// It goes out at the turn's end, together with the turn's other lines. A program that does not
  /// read delays nobody: the queue grows, and ``unreadCount`` tells how far.
  func send(_ line: [UInt8]) {
    line.withUnsafeBytes { input.write($0) }
    input.write("\n")
  }

  /// Sends a signal to the program and all that it started.
  func signal(_ signal: Signal) { child.signalGroup(signal) }

  /// Kills the program, without waiting for it to be gone. Whatever it wrote and nobody has read is
  /// lost, as is what nobody has told it.
  func kill() {
    handler = nil
    child.signalGroup(.kill)
    output?.close()
    errors?.close()
    input.close()
  }

  /// Waits until the program, having been killed, is gone, at most until `deadline`. Returns whether it is.
  func waitForEnd(until deadline: Instant) -> Bool { child.wait(until: deadline) != nil }

  /// The program's process id.
  var processID: Int32 { child.id }

  /// How many bytes the program has yet to read.
  var unreadCount: Int { input.count }

  /// What the program printed last if that lacks its newline; no more than its beginning.
  var unfinishedLine: [UInt8] { output?.unfinishedLine(atMost: 1000) ?? [] }
}

// MARK: - What the program does

extension NodeProcess {
  private func read(_ pipe: consuming Descriptor) throws(Errno) -> LineInput {
    openPipes += 1
    // A line without its newline is no message but half of one.
    return try LineInput(
      pipe, on: loop, maximumLength: Self.maximumLineLength, acceptsUnterminatedLine: false
    ) { [weak self] event in
      switch event {
      case .line(let line): self?.handler?(.line(line))
      case .overlong(let length): self?.handler?(.overlong(length: length))
      case .end:
        self?.pipeEnded()
        self?.streamEnded(.output)
      }
    }
  }

  private func copy(
    _ pipe: consuming Descriptor, to log: LogFile, _ onLine: @escaping (UnsafeRawBufferPointer) -> Void
  ) throws(Errno) -> LineInput {
    openPipes += 1
    return try LineInput(pipe, on: loop, maximumLength: Self.maximumLineLength) { [weak self] event in
      switch event {
      case .line(let line):
        log.write(line)
        onLine(line)
      case .overlong: break
      case .end: self?.pipeEnded()
      }
    }
  }

  private func streamEnded(_ stream: Stream) {
    loop.schedule(after: Self.endTimeout) { [weak self] in
      guard let self, exit == nil else { return }
      handler?(.closed(stream))
    }
  }

  private func pipeEnded() {
    openPipes -= 1
    if openPipes == 0 { reportEnd() }
  }

  private func programEnded(_ exit: ChildProcess.Exit) {
    self.exit = exit
    if openPipes == 0 { return reportEnd() }
    loop.schedule(after: Self.endTimeout) { [weak self] in self?.reportEnd() }
  }

  private func reportEnd() {
    guard let exit, let handler else { return }
    self.handler = nil
    handler(.ended(exit))
  }
}

/// A node's log that closures can share.
private final class LogFile {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// Appends a line. One that the disk has no room for is still read by whoever reads along.
  func write(_ line: UnsafeRawBufferPointer) {
    let bytes = line + [UInt8(ascii: "\n")]
    try? bytes.span.bytes.withUnsafeBytes { (bytes) throws(Errno) in try descriptor.writeAll(bytes) }
  }
}
