import CEddyEventLoop
public import EddyTiming

/// What a driver asks of the kernel beside descriptors: clocks, entropy, signals' defaults.
public enum System {
  /// The monotonic clock, which the event loop's instants and timers are on.
  public static var monotonicNow: Instant { Instant(nanoseconds: eddy_monotonic_now()) }

  /// The time of day, since 1970-01-01T00:00:00Z. Not monotonic: for labels only.
  public static var wallClockNow: Duration { .nanoseconds(eddy_wall_clock_now()) }

  /// 64 bits that nobody can foresee: a seed.
  public static func entropy() throws(Errno) -> UInt64 {
    var value: UInt64 = 0
    try Errno.check(eddy_entropy(&value))
    return value
  }

  /// Makes a write to a closed pipe fail with EPIPE rather than end the process.
  public static func ignoreBrokenPipes() {
    // SIGPIPE exists and may be ignored, so this cannot fail.
    _ = eddy_ignore_sigpipe()
  }

  /// Allows as many open descriptors as the system lets this process have, for the default of
  /// 1,024 is few where each child takes several.
  public static func raiseDescriptorLimit() {
    // A process may always raise its own limit to its maximum.
    _ = eddy_raise_descriptor_limit()
  }

  /// The width in columns of the terminal that `descriptor` is, nil when it is none.
  public static func terminalWidth(of descriptor: Int32) -> Int? {
    let width = eddy_terminal_width(descriptor)
    return width < 0 ? nil : Int(width)
  }

  /// How many processors this process may run on, at least 1.
  public static var processorCount: Int { max(1, Int(eddy_processor_count())) }

  /// This process's id.
  public static var processID: Int32 { eddy_process_id() }

  /// Ends this process with an exit code, 0 for success. Nothing is released: what must be
  /// undone must have been.
  public static func exit(_ code: Int32) -> Never { eddy_exit_process(code) }

  /// Says a last word, when nothing is left to say it through. A failure is ignored.
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

  /// SIGHUP: the terminal is gone.
  public static let hangUp = Signal(rawValue: EDDY_SIGHUP)
  /// SIGINT: Control-C.
  public static let interrupt = Signal(rawValue: EDDY_SIGINT)
  /// SIGTERM: a request to end.
  public static let terminate = Signal(rawValue: EDDY_SIGTERM)
  /// SIGKILL: an end that cannot be refused.
  public static let kill = Signal(rawValue: EDDY_SIGKILL)
  /// SIGPIPE: a write to a closed pipe.
  public static let brokenPipe = Signal(rawValue: EDDY_SIGPIPE)
  /// SIGSTOP: a pause that cannot be refused.
  public static let stop = Signal(rawValue: EDDY_SIGSTOP)
  /// SIGCONT: an end to the pause.
  public static let `continue` = Signal(rawValue: EDDY_SIGCONT)
}

extension Signal: CustomStringConvertible {
  /// The number and the name, such as `11 (SIGSEGV)`.
  public var description: String {
    eddy_signal_name(rawValue).map { "\(rawValue) (SIG\(String(cString: $0)))" } ?? "\(rawValue)"
  }
}
