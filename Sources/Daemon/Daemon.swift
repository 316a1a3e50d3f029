import EddyEventLoop
public import EddyNode

/// Runs a node as a process: messages on standard input and output, the log on standard error, timers on
/// the kernel's monotonic clock, all in one thread.
///
///     @main struct Main {
///       static func main() { Daemon.run(Greeter()) }
///     }
///
/// **The end.** At the end of input, at SIGTERM and at SIGINT the daemon writes what is queued and exits
/// with 0; a second signal ends it at once. It also exits with 0 when its output has no reader any more. It
/// exits with 1 and logs the reason when its input cannot be read or its output cannot be written.
///
/// **The disk.** With ``Options/dataDirectory`` the node has a storage. If it cannot be opened (another process uses
/// it, or what it holds is damaged), the node answers its `init` with an error and the daemon exits with 1, as when a
/// write or a sync fails later. A full disk fails a sync only.
///
/// **Backpressure.** While its output is slow and more than ``Options/outputHighWaterMark`` is queued, the
/// daemon neither reads input nor fires timers. So nothing is lost and memory stays bounded. The log is
/// lossy: lines for which its reader leaves no room are dropped, and a later line says how many.
public enum Daemon {
  /// What can be configured besides the handler.
  public struct Options: Sendable {
    /// The seed of the node's random numbers; nil for one from the kernel's entropy.
    public var seed: UInt64?

    /// The minimum level of lines that are logged.
    public var logLevel: LogLevel

    /// The maximum length of an input line, in bytes. Longer lines are dropped and logged.
    public var maximumLineLength: Int

    /// The number of bytes queued for standard output at which reading pauses.
    public var outputHighWaterMark: Int

    /// The directory of the node's disk (`node.storage`), which no other process may use at the same time; nil for a
    /// node without one. Created if it does not exist; its parent must.
    public var dataDirectory: String?

    /// 64 MiB.
    public static let defaultMaximumLineLength = LineSplitter.defaultMaximumLength

    /// 1 MiB.
    public static let defaultOutputHighWaterMark = BufferedOutput.defaultHighWaterMark

    /// Options, each with its default.
    public init(
      seed: UInt64? = nil, logLevel: LogLevel = .info,
      maximumLineLength: Int = Self.defaultMaximumLineLength,
      outputHighWaterMark: Int = Self.defaultOutputHighWaterMark, dataDirectory: String? = nil
    ) {
      self.seed = seed
      self.logLevel = logLevel
      self.maximumLineLength = maximumLineLength
      self.outputHighWaterMark = outputHighWaterMark
      self.dataDirectory = dataDirectory
    }
  }

  /// Runs `handler` until the process ends.
  public static func run(_ handler: any Handler, options: Options = Options()) -> Never {
    System.exit(serve(handler, options) ? 0 : 1)
  }

  /// Returns whether the daemon has run without failure. A function of its own: when it returns, the session
  /// has been released and the standard streams are restored, which exiting would not do.
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
