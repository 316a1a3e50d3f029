public import EddyCheckers
public import EddyNode

/// Runs transactions that read and write registers. The checker looks for cycles of dependencies between
/// them.
public struct TxnRWRegisterWorkload: Workload {
  public static let name = "txn-rw-register"

  private var load: TransactionLoad
  private let models: [ConsistencyModel]
  private let hasFinalReads: Bool

  public init(_ options: TestOptions) {
    load = TransactionLoad(options, write: .write)
    models = options.consistencyModels
    hasFinalReads = options.finalReads
  }

  public func makeClient(process: Int, node: String) -> any Client {
    TransactionLoad.client(shape: #"["r", key, value] and ["w", key, value]"#, .register)
  }

  public mutating func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator)
    -> Invocation?
  {
    invocation(of: "txn", &random)
  }

  public var probedFunctions: [[String]] { [["txn"]] }

  public mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    load.invocation(of: function, &random)
  }

  public func makeFinalOperations(for thread: ClientThread) -> (any FinalOperations)? {
    hasFinalReads ? FinalTransactions(keyCount: load.keyCount, for: thread) : nil
  }

  public var checker: any Checker { RWRegisterChecker(models) }
}
