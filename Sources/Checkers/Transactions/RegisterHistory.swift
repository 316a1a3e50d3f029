import EddyHistory
import EddyNode

/// An index of a history of transactions over registers: the writer and the readers of each version.
///
/// A key and a value identify a version, so no value of a key may be written twice.
struct RegisterHistory {
  enum Status {
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
    var operation: Int
    var status: Status
    /// Its reads and writes, in order. Only committed transactions have reads.
    var accesses: [Access] = []
  }

  struct Access {
    var version: Int
    var isWrite: Bool
    /// Whether other transactions can observe or influence it: for a read, whether it is the first access
    /// of its key; for a write, whether it is the last write of its key.
    var isExternal: Bool
  }

  /// A state of a key.
  struct Version {
    var key: Int
    /// The value; nil for the initial state of the key.
    var value: RawJSON?
    var writer: Int?
    /// Whether its writer overwrote it in the same transaction.
    var isIntermediate = false
    /// The committed transactions with an external read of it.
    var readers: [Int] = []

    var isInitial: Bool { value == nil }
  }

  private(set) var transactions: [Transaction] = []
  private(set) var versions: [Version] = []
  private(set) var keys = JSONInterner()
  /// By key: the transactions that wrote it and took effect.
  private(set) var writers: [[Int]] = []
  /// The completions whose micro-operations are not those requested. Their transactions count as
  /// indeterminate.
  private(set) var altered: [Int] = []

  private var values = JSONInterner()
  private var versionIDs: [VersionName: Int] = [:]

  private struct VersionName: Hashable {
    var key: Int
    var value: Int?
  }

  /// - Parameter infersCommits: Whether a transaction of unknown outcome counts as committed if an
  ///   acknowledged one read one of its writes. That is sound where the models forbid G1a: either it
  ///   committed, or the read is an anomaly.
  /// - Complexity: O(micro-operations).
  init(_ history: History, infersCommits: Bool) {
    for operation in history.clientOperations {
      if operation.kind != .invoke {
        add(operation, history.invocation(of: operation))
      } else if history.completion(of: operation) == nil {
        add(operation, operation)
      }
    }
    noteAccesses()
    if infersCommits { noteObserved() }
    noteWriters()
  }
}

// MARK: - Building

extension RegisterHistory {
  private mutating func add(_ operation: Operation, _ invocation: Operation?) {
    guard let requested = invocation?.value.flatMap(MicroOperation.transaction) else { return }
    var transaction = Transaction(operation: operation.index, status: .indeterminate)
    if operation.kind == .fail { transaction.status = .aborted }
    var microOperations = requested.filter { $0.function == .write }
    if operation.kind == .ok {
      if let completed = operation.value.flatMap(MicroOperation.transaction), completed.answers(requested) {
        transaction.status = .committed
        microOperations = completed
      } else {
        altered.append(operation.index)
      }
    }
    transaction.accesses = microOperations.map {
      Access(version: version(of: $0), isWrite: $0.function == .write, isExternal: false)
    }
    markExternal(&transaction.accesses)
    transactions.append(transaction)
  }

  private func markExternal(_ accesses: inout [Access]) {
    for index in accesses.indices {
      let (key, isWrite) = (versions[accesses[index].version].key, accesses[index].isWrite)
      let others = isWrite ? accesses[(index + 1)...] : accesses[..<index]
      accesses[index].isExternal = !others.contains {
        versions[$0.version].key == key && (!isWrite || $0.isWrite)
      }
    }
  }

  private mutating func version(of operation: MicroOperation) -> Int {
    let key = keys.id(of: operation.key)
    let name = VersionName(key: key, value: operation.value.map { values.id(of: $0) })
    if let id = versionIDs[name] { return id }
    versionIDs[name] = versions.count
    versions.append(Version(key: key, value: operation.value))
    if key == writers.count { writers.append([]) }
    return versions.count - 1
  }

  private mutating func noteAccesses() {
    for (id, transaction) in transactions.enumerated() {
      for access in transaction.accesses {
        if access.isWrite {
          versions[access.version].writer = id
          versions[access.version].isIntermediate = !access.isExternal
        } else if access.isExternal {
          versions[access.version].readers.append(id)
        }
      }
    }
  }

  /// Marks the transactions of unknown outcome whose writes an acknowledged transaction read.
  private mutating func noteObserved() {
    for reader in transactions {
      for access in reader.accesses where !access.isWrite {
        guard let writer = versions[access.version].writer,
          transactions[writer].status == .indeterminate
        else { continue }
        transactions[writer].status = .observed
      }
    }
  }

  private mutating func noteWriters() {
    for (id, transaction) in transactions.enumerated() where hasTakenEffect(id) {
      for access in transaction.accesses where access.isWrite && access.isExternal {
        writers[versions[access.version].key].append(id)
      }
    }
  }
}

extension [MicroOperation] {
  /// Whether these are the requested micro-operations, except for the values read.
  fileprivate func answers(_ requested: [MicroOperation]) -> Bool {
    elementsEqual(requested) {
      $0.function == $1.function && $0.key.means($1.key)
        && ($0.function == .read || ($0.value ?? RawJSON.null).means($1.value ?? RawJSON.null))
    }
  }
}

// MARK: - Views

extension RegisterHistory {
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
}
