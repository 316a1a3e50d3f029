import EddyHistory
import EddyNode

/// An index of a history of transactions: what each accessed, and the writer and the readers of each version.
///
/// A key and a value identify a version: for a register the value written, for a list the last element. So no
/// value may be written to a key twice, and no element appended twice.
///
/// It has many stored properties because versions and accesses are kept in one array each, with ranges into
/// them: a million transactions take a few allocations instead of millions.
struct TransactionHistory {
  enum Status: UInt8 {
    /// Acknowledged: it took effect, and its reads are known.
    case committed
    case aborted
    /// Of unknown outcome, and no acknowledged transaction read its writes.
    case indeterminate
    /// Of unknown outcome, but an acknowledged transaction read one of its writes: it took effect at some
    /// time after its invocation. Its reads are unknown.
    case observed
  }

  struct Transaction {
    /// The index of its completion in the history, or of its invocation if it never completed.
    var operation: Int32
    /// The index of its invocation.
    var invocation: Int32
    fileprivate var firstAccess: Int
    var status: Status
  }

  struct Access {
    private let id: Int32
    let isWrite: Bool
    /// Whether other transactions can observe or influence it. Of a transaction's writes of a key that is the
    /// last one. Of its reads of a register that is the first access, and of its reads of a list each that
    /// does not end with what it appended itself or has read before.
    let isExternal: Bool

    init(version: Int, isWrite: Bool, isExternal: Bool) {
      id = Int32(version)
      self.isWrite = isWrite
      self.isExternal = isExternal
    }

    var version: Int { Int(id) }
  }

  /// A state of a key.
  struct Version {
    private let keyID: Int32
    private let valueID: Int32
    private var writerID: Int32 = -1
    /// Whether its writer wrote the key again in the same transaction.
    var isIntermediate = false

    fileprivate init(key: Int, value: Int?) {
      keyID = Int32(key)
      valueID = value.map { Int32($0) } ?? -1
    }

    var key: Int { Int(keyID) }
    /// The number of the value; nil for the initial state of the key.
    var value: Int? { isInitial ? nil : Int(valueID) }
    var isInitial: Bool { valueID < 0 }
    var writer: Int? {
      get { writerID < 0 ? nil : Int(writerID) }
      set { writerID = newValue.map { Int32($0) } ?? -1 }
    }
  }

  private(set) var reader: TransactionReader
  private(set) var transactions: [Transaction] = []
  private var allAccesses: [Access] = []
  private(set) var versions: [Version] = []
  /// By version: the committed transactions with an external read of it.
  private var readers = Groups()
  /// The completions whose micro-operations are not those requested. Their transactions count as
  /// indeterminate.
  private(set) var altered: [Int] = []
  /// The versions that several transactions wrote.
  private(set) var rewritten: [Int] = []

  private var versionIDs: [UInt64: Int32] = [:]

  init(_ type: TransactionReader.DataType) { reader = TransactionReader(type) }
}

// MARK: - Building

extension TransactionHistory {
  /// Reads the transactions of a history, in the order of their completions, those without one at their
  /// invocations.
  ///
  /// - Parameter add: Adds the accesses of the last transaction, whose micro-operations are the reader's steps.
  mutating func load(_ history: History, add: (inout TransactionHistory) -> Void) {
    // Entries are not copied out of the array: a copy counts references to each of their parts.
    let entries = history.operations
    for entry in entries.indices where entries[entry].isClient {
      let partner = history.partner(of: entry)
      let isInvocation = entries[entry].kind == .invoke
      guard isInvocation == (partner == nil) else { continue }
      let invocation = partner ?? entry
      guard let requested = entries[invocation].value, reader.read(requested) else { continue }
      let status = status(of: entries[entry], requested)
      transactions.append(
        Transaction(
          operation: Int32(entry), invocation: Int32(invocation), firstAccess: allAccesses.count,
          status: status))
      add(&self)
    }
  }

  /// The status of a transaction whose invocation was just read. Afterwards ``reader`` has the steps of the
  /// reply if it was acknowledged, else those of the invocation.
  private mutating func status(of operation: Operation, _ requested: RawJSON) -> Status {
    switch operation.kind {
    case .fail: return .aborted
    case .invoke, .info: return .indeterminate
    case .ok:
      let steps = reader.steps
      if let reply = operation.value, reader.read(reply), reader.answers(steps) { return .committed }
      _ = reader.read(requested)
      altered.append(operation.index)
      return .indeterminate
    }
  }

  /// Adds an access to the last transaction.
  mutating func append(_ access: Access) {
    let id = transactions.count - 1
    if access.isWrite {
      if versions[access.version].writer != nil { rewritten.append(access.version) }
      versions[access.version].writer = id
      versions[access.version].isIntermediate = !access.isExternal
    }
    allAccesses.append(access)
  }

  /// The number of a version, which is added if it is new.
  mutating func version(key: Int, value: Int?) -> Int {
    let name = UInt64(key) << 32 | UInt64(UInt32(truncatingIfNeeded: value ?? -1))
    if let id = versionIDs[name] { return Int(id) }
    versionIDs[name] = Int32(versions.count)
    versions.append(Version(key: key, value: value))
    return versions.count - 1
  }

  /// Marks the writer of a version that an acknowledged transaction read.
  mutating func noteObserved(_ version: Int) {
    guard let writer = versions[version].writer, transactions[writer].status == .indeterminate else { return }
    transactions[writer].status = .observed
  }

  /// Completes the index after the last transaction.
  mutating func noteReaders() {
    var pairs: [(Int, Int)] = []
    for (id, transaction) in transactions.enumerated() where transaction.status == .committed {
      for access in accesses(of: id) where !access.isWrite && access.isExternal {
        pairs.append((access.version, id))
      }
    }
    readers = Groups(count: versions.count, pairs)
  }
}

extension TransactionReader {
  /// Whether the steps are the requested ones, except for the values read.
  fileprivate func answers(_ requested: [Step]) -> Bool {
    steps.elementsEqual(requested) {
      $0.isWrite == $1.isWrite && $0.key == $1.key && (!$0.isWrite || $0.value == $1.value)
    }
  }
}

// MARK: - Views

extension TransactionHistory {
  var type: TransactionReader.DataType { reader.type }

  /// The reads and writes of a transaction, in order. Only committed transactions have reads.
  func accesses(of transaction: Int) -> ArraySlice<Access> {
    let next = transaction + 1
    let end = next < transactions.count ? transactions[next].firstAccess : allAccesses.count
    return allAccesses[transactions[transaction].firstAccess..<end]
  }

  /// The committed transactions with an external read of a version, each once, ascending.
  func readers(of version: Int) -> ArraySlice<Int32> { readers[version] }

  /// Whether a transaction is known to have committed.
  func hasTakenEffect(_ transaction: Int) -> Bool {
    switch transactions[transaction].status {
    case .committed, .observed: true
    case .aborted, .indeterminate: false
    }
  }

  /// The committed writer of a version; nil if there is none.
  func committedWriter(of version: Int) -> Int? {
    versions[version].writer.flatMap { hasTakenEffect($0) ? $0 : nil }
  }

  func key(of version: Int) -> Int { versions[version].key }

  var keyCount: Int { reader.keys.count }
}
