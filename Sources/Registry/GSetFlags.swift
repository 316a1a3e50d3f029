import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node g-set`.
public struct GSetFlags: WorkloadFlags {
  public static let workload = "g-set"
  public static let abstract = "Grow-only set."

  @OptionGroup var gossip: WindowFlag
  @OptionGroup var acknowledgement: AcknowledgementFlag

  public init() {}

  public var promise: NodePromise { acknowledgement.promise(Self.workload) }
  public func makeHandler() -> any Handler {
    GSet(window: gossip.duration(or: 400), acknowledgement: acknowledgement.ack)
  }
}
