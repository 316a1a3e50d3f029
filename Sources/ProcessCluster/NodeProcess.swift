import EddyEventLoop
import EddyProcess
import EddyTiming

/// A node's program as a child process, with pipes to and from it.
///
/// It reports events to its owner until it is killed. It is killed at the latest when this object is
/// released.
final class NodeProcess {
  enum Event {
    /// A line on standard output, without its newline. The bytes are valid until the handler returns.
    case line(UnsafeRawBufferPointer)
    /// A line longer than the limit; `length` is in bytes.
    case overlong(length: Int)
    /// The program has closed this stream but runs on.
    case closed(Stream)
    /// The program ended by itself, and all its output has been reported. This is the last event.
    case ended(ChildProcess.Exit)
  }

  /// A pipe that the program needs.
  enum Stream: String {
    case input = "standard input"
    case output = "standard output"
  }

  /// The longest line accepted, 64 MiB.
  static let maximumLineLength = LineSplitter.defaultMaximumLength

  /// The working directory of every node, as under Maelstrom.
  private static let workingDirectory = "/tmp"

  /// How long to wait for the end of the pipes after the program's, and vice versa. A process that the
  /// program started outside of its group may hold a pipe open for ever. The kernel closes the pipes of an
  /// ending program before it reports the end.
  private static let endTimeout = Duration.seconds(1)

  private unowned let loop: EventLoop
  private let child: ChildProcess
  private let input: BufferedOutput
  private var output: LineInput?
  /// Standard error, if this process reads it.
  private var errors: LineInput?
  private var handler: ((Event) -> Void)?
  private var exit: ChildProcess.Exit?
  /// The number of pipes from the program that have not ended.
  private var openPipes = 0

  /// Starts the program. Throws the reason if it cannot be executed.
  ///
  /// - Parameters:
  ///   - logPath: The file to which the program's standard error is appended.
  ///   - onLogLine: Called with each line of standard error, without its newline.
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
      // The program writes to its log directly.
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
  /// It is written at the end of the turn, together with the turn's other lines. A program that does not read
  /// delays no other: its queue grows, by ``unreadCount``.
  func send(_ line: [UInt8]) {
    line.withUnsafeBytes { input.write($0) }
    input.write("\n")
  }

  /// Sends a signal to the program's process group.
  func signal(_ signal: Signal) { child.signalGroup(signal) }

  /// Kills the program without waiting for its end. Its unread output and unwritten input are discarded.
  func kill() {
    handler = nil
    child.signalGroup(.kill)
    output?.close()
    errors?.close()
    input.close()
  }

  /// Waits for the end of the killed program, at most until `deadline`. Returns whether it has ended.
  func waitForEnd(until deadline: Instant) -> Bool { child.wait(until: deadline) != nil }

  /// The program's process ID.
  var processID: Int32 { child.id }

  /// The number of input bytes that have not been written to the program's pipe.
  var unreadCount: Int { input.count }

  /// The beginning of the program's last output line, if the line has no newline; otherwise empty.
  var unfinishedLine: [UInt8] { output?.unfinishedLine(atMost: 1000) ?? [] }
}

// MARK: - Events

extension NodeProcess {
  private func read(_ pipe: consuming Descriptor) throws(Errno) -> LineInput {
    openPipes += 1
    // A line without its newline is an incomplete message.
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

/// A log file that closures can share.
private final class LogFile {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// Appends a line. Errors are ignored: the line still reaches `onLogLine`.
  func write(_ line: UnsafeRawBufferPointer) {
    let bytes = line + [UInt8(ascii: "\n")]
    try? bytes.span.bytes.withUnsafeBytes { (bytes) throws(Errno) in try descriptor.writeAll(bytes) }
  }
}
