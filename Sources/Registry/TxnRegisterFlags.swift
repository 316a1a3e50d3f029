import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node txn-rw-register`.
public struct TxnRegisterFlags: WorkloadFlags {
  public static let workload = "txn-rw-register"
  public static let abstract = "Transactions over registers, available during partitions."

  @OptionGroup var gossip: WindowFlag

  public init() {}

  /// Writes in memory may be lost with a node, which read-atomic allows. Stronger models cannot be had while
  /// the network is cut and every node answers.
  public var promise: NodePromise { NodePromise(consistencyModel: "read-atomic") }
  public func makeHandler() -> any Handler { TxnRegister(window: gossip.duration(or: 250)) }
}
