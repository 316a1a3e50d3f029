import ArgumentParser

/// The daemon: one node of a cluster, talking on standard input and output.
@main
struct EddyNode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eddy-node",
    abstract: "One node of a cluster: reads messages of Maelstrom's protocol on standard input, answers on standard output.",
    discussion: """
      Each workload is a subcommand. To run a cluster of them:

        eddy test -w broadcast --bin eddy-node --node-count 5 -- broadcast
        maelstrom test -w broadcast --bin eddy-node --node-count 5 -- broadcast
      """,
    subcommands: [EchoCommand.self, UniqueIDsCommand.self, BroadcastCommand.self])
}
