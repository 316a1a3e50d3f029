import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming

/// What the workloads of transactions have in common: transactions of random micro-operations, and the client
/// that sends them.
struct TransactionLoad {
  private let write: String
  private let maxLength: Int
  private var pool: KeyPool

  /// - Parameter write: The function that changes a key.
  init(_ options: TestOptions, write: String) {
    self.write = write
    maxLength = options.maxTxnLength
    pool = KeyPool(count: options.keyCount ?? 10, maxWritesPerKey: options.maxWritesPerKey)
  }

  /// A transaction of random length up to the limit, of reads and writes.
  mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    let length = 1 + random.below(maxLength)
    let operations = (0..<length).map { _ in MicroOperation(pool.next(&random), write: write) }
    return Invocation(function, RawJSON(encoding: operations))
  }

  /// The number of keys that were used.
  var keyCount: Int { pool.keyCount }

  /// A client whose node answers a transaction with the completed one.
  ///
  /// - Parameter shape: The micro-operations that a reply may have, in words.
  static func client(shape: String, _ type: TransactionReader.DataType) -> any Client {
    SingleRequestClient { invocation in
      let transaction = invocation.value ?? RawJSON(encoding: JSONValue.array([]))
      return (Request("txn") { $0.field("txn", transaction) }, .init("txn_ok", fields: ["txn"]))
    } result: { _, reply in
      let transaction = try reply.raw("txn")
      guard TransactionReader.accepts(transaction, type) else {
        throw RPCError.malformedRequest("txn must be an array of \(shape)")
      }
      return transaction
    }
  }
}

/// A micro-operation of a request: `["r", key, null]`, or a write or an append with its value.
private struct MicroOperation: JSONEncodable {
  let function: String
  let key: Int
  let value: Int?

  private init(_ function: String, _ key: Int, _ value: Int?) {
    (self.function, self.key, self.value) = (function, key, value)
  }

  init(readOf key: Int) { self.init("r", key, nil) }

  init(_ access: KeyPool.Access, write: String) {
    switch access {
    case .read(let key): self.init(readOf: key)
    case .write(let key, let value): self.init(write, key, value)
    }
  }

  func encode(into writer: inout JSONWriter) {
    writer.array {
      $0.value(function)
      $0.value(key)
      $0.value(value)
    }
  }
}

/// Reads of all keys that a run used, in transactions of eight keys, distributed over the client threads.
struct FinalTransactions: FinalOperations {
  private static let length = 8

  private let keyCount: Int
  private let step: Int
  private var next: Int

  init(keyCount: Int, for thread: ClientThread) {
    self.keyCount = keyCount
    step = Self.length * thread.count
    next = Self.length * thread.index
  }

  mutating func next(
    at now: Instant, _ random: inout SeededGenerator
  ) -> (invocation: Invocation, due: Instant)? {
    guard next < keyCount else { return nil }
    let reads = (next..<min(next + Self.length, keyCount)).map {
      MicroOperation(readOf: $0)
    }
    next += step
    return (Invocation("txn", RawJSON(encoding: reads), isFinal: true), now)
  }

  mutating func observe(_ completion: Operation) {}
}
