import CEddyProcess
public import EddyEventLoop
public import EddyTiming

/// A running program in a process group of its own, which ends no later than its parent.
///
/// The kernel kills it when the thread that started it ends, even by SIGKILL. What is left of its group is
/// killed when it ends, when this object is released, and when this process ends. So a grandchild survives
/// only if it has left the group.
public final class ChildProcess {
  /// How a program ended.
  public enum Exit: Hashable, Sendable {
    /// It exited with this code, 0 for success.
    case code(Int32)
    /// This signal ended it.
    case signal(Signal)
    /// Other code of this process has reaped it.
    case unknown
  }

  /// The process id, which is the process group's too.
  public var id: Int32 { process.pid }

  private let process: eddy_process

  /// The process's descriptor: readable once the process has ended.
  private let pidfd: Descriptor

  /// How the process ended, nil until that is known.
  public private(set) var exit: Exit?

  /// Runs the program `path` (PATH is not searched) with `path` as its name and these `arguments`.
  ///
  /// The descriptors become its standard streams. They stay the caller's, who must close its copy of a
  /// pipe's far end, or it never sees the end of input. Throws the reason if the program cannot be
  /// executed.
  ///
  /// - Parameter workingDirectory: Where the program starts, and where a relative `path` begins; nil for
  ///   this process's own.
  public init(
    _ path: String, _ arguments: [String] = [], workingDirectory: String? = nil,
    standardInput: borrowing Descriptor, standardOutput: borrowing Descriptor,
    standardError: borrowing Descriptor
  ) throws(Errno) {
    let streams = (standardInput.number, standardOutput.number, standardError.number)
    var process = eddy_process()
    let result = withArgumentVector([path] + arguments) { arguments in
      withCharacters(workingDirectory) { directory in
        var command = eddy_command(
          path: arguments[0]!, arguments: arguments, working_directory: directory,
          standard_input: streams.0, standard_output: streams.1, standard_error: streams.2)
        return eddy_spawn(&command, &process)
      }
    }
    try Errno.check(result)
    self.process = process
    Watchdog.watch(process.pid)
    pidfd = Descriptor(owning: process.pidfd)
  }

  /// How long a release waits for the killed process to end. One that waits for a device (state D) ends
  /// only when the device answers, which may be never.
  public static let endLimit = Duration.seconds(5)

  /// Whether a wait for its end has met its deadline, so that another would be in vain.
  private var isAbandoned = false

  deinit {
    signalGroup(.kill)
    if !isAbandoned { wait(until: System.monotonicNow + Self.endLimit) }
  }

  /// Sends a signal to the process alone. Does nothing once it has ended.
  public func signal(_ signal: Signal) {
    // Fails only when the process has ended, or for a number that is no signal.
    _ = withUnsafePointer(to: process) { eddy_process_signal($0, signal.rawValue) }
  }

  /// Sends a signal to the process's group. Does nothing once ``exit`` is known.
  public func signalGroup(_ signal: Signal) {
    guard exit == nil else { return }
    _ = withUnsafePointer(to: process) { eddy_process_group_signal($0, signal.rawValue) }
  }

  /// Waits for the process to end, and kills what is left of its group.
  @discardableResult
  public func wait() -> Exit {
    while true {
      if let exit = reap(timeout: -1) { return exit }
    }
  }

  /// Waits for the process to end, at most until `deadline`, and kills what is left of its group.
  ///
  /// Returns nil if it has not ended. Then a release of this object does not wait for it either.
  @discardableResult
  public func wait(until deadline: Instant) -> Exit? {
    while true {
      let left = max(0, (deadline - System.monotonicNow).millisecondsRoundedUp)
      if let exit = reap(timeout: Int32(clamping: left)) { return exit }
      if left == 0 { break }
    }
    isAbandoned = true
    return nil
  }

  /// Calls `handler` once, when the process has ended and what is left of its group has been killed. The
  /// loop retains this object until then.
  public func onExit(on loop: EventLoop, _ handler: @escaping (Exit) -> Void) throws(Errno) {
    var source: SourceID?
    source = try loop.add(pidfd.number, interest: .readable) { [unowned loop] _ in
      guard let exit = self.reap(timeout: 0) else { return }
      source.map(loop.remove)
      handler(exit)
    }
  }

  /// How the process ended, nil if it has not.
  ///
  /// - Parameter timeout: How long to wait in milliseconds, without limit if negative.
  private func reap(timeout: Int32) -> Exit? {
    if let exit { return exit }
    var outcome = eddy_exit()
    let result = withUnsafePointer(to: process) { eddy_process_wait($0, timeout, &outcome) }
    switch result {
    case 0: return nil
    case 1 where outcome.signalled: exit = .signal(Signal(rawValue: outcome.status))
    case 1: exit = .code(outcome.status)
    default: exit = .unknown
    }
    Watchdog.forget(process.pid)
    return exit
  }
}

extension ChildProcess.Exit: CustomStringConvertible {
  /// Such as `exit status 3` or `killed by signal 11 (SIGSEGV)`.
  public var description: String {
    switch self {
    case .code(let code): "exit status \(code)"
    case .signal(let signal): "killed by signal \(signal)"
    case .unknown: "exit status unknown"
    }
  }
}

/// Calls `body` with an argument vector: pointers to the strings, ended by a null pointer.
private func withArgumentVector<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var bytes: [CChar] = []
  var offsets: [Int] = []
  for string in strings {
    offsets.append(bytes.count)
    bytes.append(contentsOf: string.utf8CString)
  }
  return bytes.withUnsafeMutableBufferPointer { bytes in
    body(offsets.map { bytes.baseAddress! + $0 } + [nil])
  }
}

/// Calls `body` with the string's characters, or with a null pointer for nil.
private func withCharacters<Result>(
  _ string: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  guard let string else { return body(nil) }
  return string.withCString { body($0) }
}
