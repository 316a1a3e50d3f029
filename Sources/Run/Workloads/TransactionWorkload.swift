public import EddyCheckers
public import EddyNode

/// What the transactions of a workload read and change.
public protocol TransactionData {
  /// The checker of such transactions.
  associatedtype Judge: TransactionChecker

  /// The name of the workload.
  static var workloadName: String { get }
  /// The function of the micro-operation that changes a key: `w` or `append`.
  static var changingFunction: String { get }
  /// The micro-operations that a reply may have, in words.
  static var replyShape: String { get }
  /// Whether the value of a key is a list; otherwise it is a register.
  static var isList: Bool { get }
}

/// Lists, which transactions append to.
public enum ListData: TransactionData {
  public typealias Judge = ListAppendChecker

  public static var workloadName: String { "txn-list-append" }
  public static var changingFunction: String { "append" }
  public static var replyShape: String { #"["r", key, list or null] and ["append", key, element]"# }
  public static var isList: Bool { true }
}

/// Registers, which transactions write to.
public enum RegisterData: TransactionData {
  public typealias Judge = RWRegisterChecker

  public static var workloadName: String { "txn-rw-register" }
  public static var changingFunction: String { "w" }
  public static var replyShape: String { #"["r", key, value] and ["w", key, value]"# }
  public static var isList: Bool { false }
}

/// Runs transactions that read lists and append to them.
public typealias TxnListAppendWorkload = TransactionWorkload<ListData>
/// Runs transactions that read and write registers.
public typealias TxnRWRegisterWorkload = TransactionWorkload<RegisterData>

/// Runs transactions. The checker looks for cycles of dependencies between them.
public struct TransactionWorkload<Data: TransactionData>: Workload {
  public static var name: String { Data.workloadName }

  private var load: TransactionLoad
  private let models: [ConsistencyModel]
  private let hasFinalReads: Bool

  public init(_ options: TestOptions) {
    load = TransactionLoad(options, write: Data.changingFunction)
    models = options.consistencyModels
    hasFinalReads = options.finalReads
  }

  public func makeClient(process: Int, node: String) -> any Client {
    TransactionLoad.client(shape: Data.replyShape, Data.isList ? .list : .register)
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

  public var checker: any Checker { Data.Judge(models) }
}
