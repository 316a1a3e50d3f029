import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node g-set`.
public struct GSetFlags: WorkloadFlags {
  public static let workload = "g-set"
  public static let abstract = "Grow-only set."

  public static let example = "--ack replicated"

  @Option(parsing: .unconditional, help: .window)
  var window = GSet.defaultWindow.wholeMilliseconds

  @OptionGroup var acknowledgement: AcknowledgementFlag

  public init() {}

  public func validate() throws { try EddyRegistry.validate("--window", window) }

  public var promise: NodePromise { acknowledgement.promise(Self.workload) }

  public func makeHandler() -> any Handler {
    GSet(window: .milliseconds(window), acknowledgement: acknowledgement.ack)
  }
}
