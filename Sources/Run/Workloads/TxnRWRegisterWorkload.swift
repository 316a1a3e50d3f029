public import EddyCheckers
import EddyHistory
public import EddyNode

/// Runs transactions that read and write registers. The checker looks for cycles of dependencies between
/// them.
public struct TxnRWRegisterWorkload: Workload {
  public static let name = "txn-rw-register"

  private var pool: KeyPool
  private let maxLength: Int
  private let models: [ConsistencyModel]

  public init(_ options: TestOptions) {
    pool = KeyPool(count: options.keyCount ?? 10, maxWritesPerKey: options.maxWritesPerKey)
    maxLength = options.maxTxnLength
    models = options.consistencyModels
  }

  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient { invocation in
      let transaction = invocation.value ?? RawJSON(encoding: JSONValue.array([]))
      return (Request("txn") { $0.field("txn", transaction) }, .init("txn_ok", fields: ["txn"]))
    } result: { _, reply in
      let transaction = try reply.raw("txn")
      guard MicroOperation.transaction(transaction) != nil else {
        throw RPCError.malformedRequest(#"txn must be an array of ["r", key, value] and ["w", key, value]"#)
      }
      return transaction
    }
  }

  /// A transaction of random length up to the limit, of reads and writes.
  public mutating func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator)
    -> Invocation?
  {
    invocation(of: "txn", &random)
  }

  public var probedFunctions: [[String]] { [["txn"]] }

  public mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    let length = 1 + random.below(maxLength)
    let operations = (0..<length).map { _ in MicroOperation(pool.next(&random)) }
    return Invocation(function, RawJSON(encoding: operations))
  }

  public var checker: any Checker { RWRegisterChecker(models) }
}

extension MicroOperation {
  fileprivate init(_ access: KeyPool.Access) {
    switch access {
    case .read(let key): self.init(function: .read, key: RawJSON(key))
    case .write(let key, let value): self.init(function: .write, key: RawJSON(key), value: RawJSON(value))
    }
  }
}
