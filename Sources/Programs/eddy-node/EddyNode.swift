import ArgumentParser
import EddyRegistry

/// The daemon: one node of a cluster, talking on standard input and output.
@main
struct EddyNode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eddy-node",
    abstract:
      "One node of a cluster: reads messages of Maelstrom's protocol on standard input, answers on standard output.",
    discussion: """
      Each workload is a subcommand. To run a cluster of them:

        eddy test -w broadcast --bin eddy-node --node-count 5 -- broadcast
        maelstrom test -w broadcast --bin eddy-node --node-count 5 -- broadcast
      """,
    subcommands: HandlerRegistry.all.map { command($0) })

  private static func command<Flags: WorkloadFlags>(_ flags: Flags.Type) -> any ParsableCommand.Type {
    WorkloadCommand<Flags>.self
  }
}

/// Runs one workload until standard input ends or the process is told to stop.
struct WorkloadCommand<Flags: WorkloadFlags>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: Flags.workload, abstract: Flags.abstract)
  }

  @OptionGroup(title: "\(Flags.workload) options") var flags: Flags
  @OptionGroup(title: "Options of every workload") var daemon: DaemonFlags

  func run() { daemon.run(flags.makeHandler()) }
}
