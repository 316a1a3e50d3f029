import EddyDaemon
import StorageTesting

/// The set of `StorageTesting` as a node: `DurableNode RULE [DIRECTORY]`, without a disk if no directory is given.
@main struct DurableNode {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let rule: DurableSet.Rule = arguments.first == "early" ? .earlyAcknowledgement : .whenDurable
    Daemon.run(
      DurableSet(rule), options: Daemon.Options(seed: 1, dataDirectory: arguments.dropFirst().first))
  }
}
