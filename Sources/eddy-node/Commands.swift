public import ArgumentParser
public import Workloads

struct EchoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo", abstract: "Sends a request's payload back.")

  @OptionGroup var daemon: DaemonFlags

  func run() { daemon.run(Echo()) }
}

struct UniqueIDsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unique-ids", abstract: "Gives out ids that no other node gives out.")

  @OptionGroup var daemon: DaemonFlags

  func run() { daemon.run(UniqueIDs()) }
}

struct BroadcastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broadcast", abstract: "Makes every value that a node is given known to all nodes.")

  @Option(
    help: """
      Milliseconds between two rounds of the relay. A value takes one window and two network latencies at most; \
      a round costs two messages a node at most.
      """)
  var window = 350

  @Option(
    help: """
      Along which tree values spread: relay (a star round the first node) or given (shortest paths within the \
      topology that the nodes are sent).
      """)
  var topology = Broadcast.Options.Topology.relay

  @OptionGroup var daemon: DaemonFlags

  func validate() throws {
    if !(0...3_600_000).contains(window) { throw ValidationError("--window must be from 0 to 3600000 milliseconds") }
  }

  func run() {
    daemon.run(Broadcast(.init(window: .milliseconds(window), topology: topology)))
  }
}

extension Broadcast.Options.Topology: ExpressibleByArgument {}
