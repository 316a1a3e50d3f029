import ArgumentParser
import EddyDaemon
import EddyNode

/// The flags that every workload's command has.
struct DaemonFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Minimum log level. Log lines go to standard error.", valueName: "level"))
  var logLevel = LogLevelName.info

  @Option(
    help: """
      Seed of the node's random numbers (default: from the kernel's entropy). Each node of a cluster needs a seed \
      of its own.
      """)
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Maximum length of an input line, in bytes. Longer lines are dropped and logged.", valueName: "bytes"))
  var maxLine = Daemon.Options.defaultMaximumLineLength

  @Option(
    help: ArgumentHelp(
      """
      Directory of the node's disk, for workloads that store: what the node has promised survives its end. Each node \
      needs one of its own. 'eddy test' and 'eddy simulate --bin' replace {dir} in a node's arguments by such a \
      directory.
      """, valueName: "directory"))
  var dataDir: String?

  func validate() throws {
    if maxLine < 1 { throw ValidationError("--max-line must be positive") }
    if dataDir?.isEmpty == true { throw ValidationError("--data-dir must name a directory") }
  }

  /// Runs `handler` until standard input ends or a signal ends the process.
  func run(_ handler: any Handler) {
    Daemon.run(
      handler,
      options: Daemon.Options(
        seed: seed, logLevel: logLevel.level, maximumLineLength: maxLine, dataDirectory: dataDir))
  }
}

/// The log levels by name: the parser would show the raw values of ``LogLevel``, which are numbers.
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
