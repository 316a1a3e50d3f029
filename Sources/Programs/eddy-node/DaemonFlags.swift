import ArgumentParser
import EddyDaemon
import EddyNode

/// The flags that every workload's command has.
struct DaemonFlags: ParsableArguments {
  @Option(help: "Minimum log level. Log lines go to standard error.")
  var logLevel = LogLevelName.info

  @Option(
    help: """
      Seed of the node's random numbers (default: drawn from the kernel's entropy). Every node needs one of its own.
      """)
  var seed: UInt64?

  @Option(help: "Maximum length of an input line, in bytes. Longer lines are dropped and logged.")
  var maxLine = Daemon.Options.defaultMaximumLineLength

  func validate() throws {
    if maxLine < 1 { throw ValidationError("--max-line must be positive") }
  }

  /// Runs `handler` until standard input ends or the process is told to stop.
  func run(_ handler: any Handler) {
    Daemon.run(
      handler,
      options: Daemon.Options(seed: seed, logLevel: logLevel.level, maximumLineLength: maxLine))
  }
}

/// The levels by their names; `LogLevel` itself would be offered by the numbers that order it.
enum LogLevelName: String, CaseIterable, ExpressibleByArgument {
  case debug, info, warning, error

  var level: LogLevel {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
