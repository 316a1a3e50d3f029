import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node txn-rw-register`.
public struct TxnRegisterFlags: WorkloadFlags {
  public static let workload = "txn-rw-register"
  public static let abstract = "Transactions over registers, available during partitions."

  public static let example = "--window 100"

  @Option(parsing: .unconditional, help: .window)
  var window = TxnRegister.defaultWindow.wholeMilliseconds

  public init() {}

  public func validate() throws { try EddyRegistry.validate("--window", window) }

  /// A write in memory may be lost with its node, which read-atomic allows. A stronger model is not possible
  /// while every node answers during a partition.
  public var promise: NodePromise { NodePromise(consistencyModel: "read-atomic") }

  public func makeHandler() -> any Handler { TxnRegister(window: .milliseconds(window)) }
}
