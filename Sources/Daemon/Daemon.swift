import EddyEventLoop
public import EddyNode

/// Runs a node as a process: messages on standard input and output, its log on standard
/// error, timers on the kernel's monotonic clock, all in one thread.
///
///     @main struct Main {
///       static func main() { Daemon.run(Greeter()) }
///     }
///
/// **The end.** At the end of input, SIGTERM or SIGINT the daemon writes what it has queued and
/// exits with 0; a second signal ends it at once. When nobody reads its output any more it
/// exits with 0 too, quietly. It exits with 1 when its input cannot be read or its output
/// cannot be written, and logs the reason.
///
/// **Backpressure.** While more than a mark is queued for a slow reader of the output, the
/// daemon neither reads input nor runs timers: nothing is lost and memory stays bounded. The
/// log gives way instead: lines that a slow reader of it has no room for are dropped, and
/// counted in a line that follows.
public enum Daemon {
  /// What a daemon may be told beside its workload.
  public struct Options: Sendable {
    /// Fixes the node's randomness; nil for a seed from the kernel's entropy.
    public var seed: UInt64?

    /// The least level that is logged.
    public var logLevel: LogLevel

    /// Longer lines of input, in bytes, are dropped with a line in the log.
    public var maximumLineLength: Int

    /// The number of bytes queued for standard output from which input waits.
    public var outputHighWaterMark: Int

    /// 64 MiB.
    public static let defaultMaximumLineLength = LineReader.defaultMaximumLength

    /// 1 MiB.
    public static let defaultOutputHighWaterMark = BufferedOutput.defaultHighWaterMark

    /// Options, each with its default.
    public init(
      seed: UInt64? = nil, logLevel: LogLevel = .info,
      maximumLineLength: Int = Self.defaultMaximumLineLength,
      outputHighWaterMark: Int = Self.defaultOutputHighWaterMark
    ) {
      self.seed = seed
      self.logLevel = logLevel
      self.maximumLineLength = maximumLineLength
      self.outputHighWaterMark = outputHighWaterMark
    }
  }

  /// Runs `handler` until the process ends.
  public static func run(_ handler: any Handler, options: Options = Options()) -> Never {
    System.exit(serve(handler, options) ? 0 : 1)
  }

  /// Returns whether all went well. A function of its own, so that by its end the standard
  /// streams are as they were: exiting releases nothing.
  private static func serve(_ handler: any Handler, _ options: Options) -> Bool {
    do throws(Errno) {
      let session = try Session(handler, options)
      return try session.run()
    } catch {
      System.writeToStandardError("error - - cannot run: \(error)\n")
      return false
    }
  }
}
