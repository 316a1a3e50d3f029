import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node lin-kv`.
public struct LinKVFlags: WorkloadFlags {
  public static let workload = "lin-kv"
  public static let abstract = "Linearizable key-value store, replicated by Raft."
  public static let example = "--data-dir /var/lib/eddy"

  @OptionGroup var consensus: ConsensusFlags

  public init() {}
  public var promise: NodePromise { consensus.promise(Self.workload) }
  public func makeHandler() -> any Handler { LinKV(consensus.options) }
}

/// The flags of `eddy-node txn-list-append`.
public struct TxnListAppendFlags: WorkloadFlags {
  public static let workload = "txn-list-append"
  public static let abstract = "Strict serializable transactions on lists, replicated by Raft."
  public static let example = "--data-dir /var/lib/eddy"

  @OptionGroup var consensus: ConsensusFlags

  public init() {}
  public var promise: NodePromise {
    consensus.promise(Self.workload, consistencyModel: "strict-serializable")
  }
  public func makeHandler() -> any Handler { TxnListAppend(consensus.options) }
}

/// The flags of both replicated state machines.
struct ConsensusFlags: ParsableArguments {
  private static let standard = ConsensusOptions()

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Least time between two rounds of the leader, in milliseconds. A round starts earlier once every known client \
      waits for it.
      """, valueName: "ms"))
  var window = standard.window.wholeMilliseconds

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Time after which a request that no leader has taken is answered with error 11, in milliseconds.
      """, valueName: "ms"))
  var patience = standard.patience.wholeMilliseconds

  func validate() throws {
    try EddyRegistry.validate("--window", window)
    try EddyRegistry.validate("--patience", patience)
  }

  var options: ConsensusOptions {
    ConsensusOptions(window: .milliseconds(window), patience: .milliseconds(patience))
  }

  func promise(_ workload: String, consistencyModel: String? = nil) -> NodePromise {
    NodePromise(
      lossWhenKilled: """
        without --data-dir a node of \(workload) loses its vote when it is killed. It takes part as a learner: \
        nothing is committed once half of the nodes have been killed.
        """, consistencyModel: consistencyModel, isDurable: true)
  }
}
