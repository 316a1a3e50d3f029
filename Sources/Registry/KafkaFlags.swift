import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node kafka`.
public struct KafkaFlags: WorkloadFlags {
  public static let workload = "kafka"
  public static let abstract = "Append-only logs, durable in lin-kv before a record is acknowledged."

  @Option(
    parsing: .unconditional,
    help: """
      Maximum time that a record waits for others to share a write with, in milliseconds. A batch goes out earlier \
      when every known client waits in it.
      """)
  var window = 50

  public init() {}

  public func validate() throws {
    if !(0...10_000).contains(window) {
      throw ValidationError("--window must be from 0 to 10000 milliseconds")
    }
  }

  public func makeHandler() -> any Handler { Kafka(.init(window: .milliseconds(window))) }
}
