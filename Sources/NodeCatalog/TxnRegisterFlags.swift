import ArgumentParser
public import Node
import Workloads

/// The flags of `eddy-node txn-rw-register`.
public struct TxnRegisterFlags: WorkloadFlags {
  public static let workload = "txn-rw-register"
  public static let abstract = "Transactions over registers, available during partitions."

  @OptionGroup var gossip: WindowFlag

  public init() {}
  public func makeWorkload() -> any Workload { TxnRegister(window: gossip.duration(or: 250)) }
}
