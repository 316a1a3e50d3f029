import ArgumentParser
public import Node
import Workloads

/// The flags of `eddy-node g-set`.
public struct GSetFlags: WorkloadFlags {
  public static let workload = "g-set"
  public static let abstract = "Grow-only set."

  @OptionGroup var gossip: WindowFlag
  @OptionGroup var acknowledgement: AcknowledgementFlag

  public init() {}

  public var promise: NodePromise { acknowledgement.promise(Self.workload) }
  public func makeWorkload() -> any Workload {
    GSet(window: gossip.duration(or: 400), acknowledgement: acknowledgement.ack)
  }
}
