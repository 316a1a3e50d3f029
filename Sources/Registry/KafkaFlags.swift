import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node kafka`.
public struct KafkaFlags: WorkloadFlags {
  public static let workload = "kafka"
  public static let abstract = "Append-only logs, durable in lin-kv before a record is acknowledged."

  public static let example = "--window 20"

  /// In milliseconds: twice the time after which a client of Maelstrom's gives up.
  private static let maximumWindow = 10_000

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Maximum time that a record waits for others to share a write, in milliseconds. A batch is written earlier \
      once every known client waits in it.
      """, valueName: "ms"))
  var window = Kafka.Options().window.wholeMilliseconds

  public init() {}

  public func validate() throws {
    try EddyRegistry.validate("--window", window, atMost: Self.maximumWindow)
  }

  public func makeHandler() -> any Handler { Kafka(.init(window: .milliseconds(window))) }
}
