import ArgumentParser

@main
struct Eddy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eddy",
    abstract: "A workbench for distributed systems: runs, faults, checks and draws clusters of nodes.",
    subcommands: [SimulateCommand.self])
}
