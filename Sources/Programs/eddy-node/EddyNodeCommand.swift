import ArgumentParser
import EddyNode
import EddyRegistry

/// The daemon: one node of a cluster, on standard input and output.
@main
struct EddyNodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eddy-node",
    abstract: "One node of a cluster. Speaks Maelstrom's protocol on standard input and output.",
    discussion: """
      Each workload is a subcommand. To run a cluster of five nodes:

        eddy test -w broadcast --bin eddy-node --node-count 5 -- broadcast
        maelstrom test -w broadcast --bin eddy-node --node-count 5 -- broadcast
      """,
    version: EddyVersion.current,
    groupedSubcommands: HandlerRegistry.groups.map { group in
      CommandGroup(name: group.title, subcommands: group.workloads.map { command($0) })
    })

  private static func command<Flags: WorkloadFlags>(_ flags: Flags.Type) -> any ParsableCommand.Type {
    WorkloadCommand<Flags>.self
  }
}

/// Runs one workload until standard input ends or a signal ends the process.
struct WorkloadCommand<Flags: WorkloadFlags>: ParsableCommand {
  static var configuration: CommandConfiguration {
    let name = Flags.workload
    let example = ["eddy-node", name, Flags.example].filter { !$0.isEmpty }.joined(separator: " ")
    return CommandConfiguration(
      commandName: name, abstract: Flags.abstract, discussion: "Example: \(example)")
  }

  @OptionGroup(title: "\(Flags.workload) options") var flags: Flags
  @OptionGroup(title: "Options of every workload") var daemon: DaemonFlags

  func validate() throws {
    guard daemon.dataDir != nil, !flags.promise.isDurable else { return }
    throw ValidationError("--data-dir: a node of \(Flags.workload) stores nothing on a disk")
  }

  func run() { daemon.run(flags.makeHandler()) }
}
