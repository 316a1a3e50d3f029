public import ArgumentParser
import Daemon
public import Node

/// The flags that every workload's command has.
struct DaemonFlags: ParsableArguments {
  @Option(help: "The least level of what goes to standard error.")
  var logLevel = LogLevel.info

  @Option(
    help: "Fixes the node's random numbers; drawn from the kernel by default. No two nodes may share one.")
  var seed: UInt64?

  @Option(help: "The longest line accepted, in bytes; longer ones are dropped.")
  var maxLine = Daemon.Options.defaultMaximumLineLength

  func validate() throws {
    if maxLine < 1 { throw ValidationError("--max-line must be positive") }
  }

  /// Runs `workload` until standard input ends or the process is told to stop.
  func run(_ workload: any Workload) {
    Daemon.run(workload, options: Daemon.Options(seed: seed, logLevel: logLevel, maximumLineLength: maxLine))
  }
}

extension LogLevel: ExpressibleByArgument {
  public init?(argument: String) {
    guard let level = LogLevel.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = level
  }

  public var defaultValueDescription: String { "\(self)" }

  // Lest the numbers that order them be offered.
  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}
