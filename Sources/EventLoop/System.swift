import CEddyEventLoop
public import EddyTiming

/// What a driver asks of the kernel besides descriptors: clocks, entropy, the end of the process.
public enum System {
  /// The monotonic clock (CLOCK_MONOTONIC), to which the event loop's instants and timers refer.
  public static var monotonicNow: Instant { Instant(nanoseconds: Int(eddy_monotonic_now())) }

  /// The time since 1970-01-01T00:00:00Z. Not monotonic: for labels only.
  public static var wallClockNow: Duration { .nanoseconds(eddy_wall_clock_now()) }

  /// 64 unpredictable bits from the kernel, for use as a seed.
  public static func entropy() throws(Errno) -> UInt64 {
    var value: UInt64 = 0
    try Errno.check(eddy_entropy(&value))
    return value
  }

  /// Makes a write to a closed pipe fail with ``Errno/brokenPipe`` instead of ending the process.
  public static func ignoreBrokenPipes() {
    // SIGPIPE exists and may be ignored, so this cannot fail.
    _ = eddy_ignore_sigpipe()
  }

  /// Ends this process with an exit code, 0 for success. No object is released: what must be undone,
  /// such as the mode of a shared descriptor, must have been undone before.
  public static func exit(_ code: Int32) -> Never { eddy_exit_process(code) }

  /// Writes to standard error at once, for when no buffered output is left. Ignores failure.
  public static func writeToStandardError(_ text: String) {
    var text = text
    _ = text.withUTF8 { eddy_write(2, $0.baseAddress!, $0.count) }
  }
}

/// A signal's number.
public struct Signal: RawRepresentable, Hashable, Sendable {
  /// The number, such as 15 for SIGTERM.
  public let rawValue: Int32

  /// The signal of this number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// SIGHUP: the terminal was closed.
  public static let hangUp = Signal(rawValue: EDDY_SIGHUP)
  /// SIGINT: Control-C.
  public static let interrupt = Signal(rawValue: EDDY_SIGINT)
  /// SIGTERM: a request to end, which a process may handle.
  public static let terminate = Signal(rawValue: EDDY_SIGTERM)
  /// SIGKILL: the end, which no process can handle.
  public static let kill = Signal(rawValue: EDDY_SIGKILL)
  /// SIGPIPE: a write to a closed pipe.
  public static let brokenPipe = Signal(rawValue: EDDY_SIGPIPE)
  /// SIGSTOP: a pause, which no process can handle.
  public static let stop = Signal(rawValue: EDDY_SIGSTOP)
  /// SIGCONT: the end of a pause.
  public static let `continue` = Signal(rawValue: EDDY_SIGCONT)
}

extension Signal: CustomStringConvertible {
  /// The number and the name, such as `11 (SIGSEGV)`.
  public var description: String {
    eddy_signal_name(rawValue).map { "\(rawValue) (SIG\(String(cString: $0)))" } ?? "\(rawValue)"
  }
}
