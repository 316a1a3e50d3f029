import EddyHistory
import EddyNode

/// A history of transactions over registers, indexed: who wrote and who read which version.
///
/// Every write of a key must write another value; a version is known by both.
struct RegisterHistory {
  enum Status {
    /// Acknowledged: it took effect, and what it read is known.
    case committed
    case aborted
    /// Nobody knows whether it took effect, and nobody has seen that it did.
    case indeterminate
    /// Of unknown outcome, but an acknowledged transaction read what it wrote: it took effect, some
    /// time after its invocation. What it read is unknown.
    case observed
  }

  struct Transaction {
    /// The index of its completion in the history, or of its invocation if it never completed.
    var operation: Int
    var status: Status
    /// Its reads and writes in their order; no reads unless it is committed.
    var accesses: [Access] = []
  }

  struct Access {
    var version: Int
    var isWrite: Bool
    /// Whether it concerns others: the first access of its key for a read, the last write for a write.
    var isExternal: Bool
  }

  /// What a key held at some time.
  struct Version {
    var key: Int
    /// Nil for the state of a key that nobody has written.
    var value: RawJSON?
    var writer: Int?
    /// Whether its writer wrote the key again.
    var isIntermediate = false
    /// The committed transactions that read it before any other access of its key.
    var readers: [Int] = []

    var isInitial: Bool { value == nil }
  }

  private(set) var transactions: [Transaction] = []
  private(set) var versions: [Version] = []
  private(set) var keys = JSONInterner()
  /// By key the transactions that wrote it and took effect.
  private(set) var writers: [[Int]] = []
  /// The committed transactions whose reply is not about what was asked; they count as indeterminate.
  private(set) var altered: [Int] = []

  private var values = JSONInterner()
  private var versionIDs: [VersionName: Int] = [:]

  private struct VersionName: Hashable {
    var key: Int
    var value: Int?
  }

  /// - Parameter infersCommits: Whether a transaction of unknown outcome is taken to be committed once an
  ///   acknowledged one has read what it wrote. That is sound where reads of aborted transactions are
  ///   ruled out: either it committed, or the read is an anomaly itself.
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
    var steps = requested.filter { $0.function == .write }
    if operation.kind == .ok {
      if let completed = operation.value.flatMap(MicroOperation.transaction), completed.answers(requested) {
        transaction.status = .committed
        steps = completed
      } else {
        altered.append(operation.index)
      }
    }
    for step in steps {
      transaction.accesses.append(
        Access(version: version(of: step), isWrite: step.function == .write, isExternal: false))
    }
    markExternal(&transaction.accesses)
    transactions.append(transaction)
  }

  private func markExternal(_ accesses: inout [Access]) {
    for place in accesses.indices {
      let others = accesses[place].isWrite ? accesses[(place + 1)...] : accesses[..<place]
      let (key, isWrite) = (versions[accesses[place].version].key, accesses[place].isWrite)
      accesses[place].isExternal = !others.contains {
        versions[$0.version].key == key && (!isWrite || $0.isWrite)
      }
    }
  }

  private mutating func version(of step: MicroOperation) -> Int {
    let key = keys.id(of: step.key)
    let name = VersionName(key: key, value: step.value.map { values.id(of: $0) })
    if let id = versionIDs[name] { return id }
    versionIDs[name] = versions.count
    versions.append(Version(key: key, value: step.value))
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

  /// Finds the transactions of unknown outcome that must have committed. Only acknowledged ones have reads.
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
  /// Whether these are the steps that were asked for, with nothing changed but the values read.
  fileprivate func answers(_ requested: [MicroOperation]) -> Bool {
    elementsEqual(requested) {
      $0.function == $1.function && $0.key.means($1.key)
        && ($0.function == .read || ($0.value ?? RawJSON.null).means($1.value ?? RawJSON.null))
    }
  }
}

// MARK: - Views

extension RegisterHistory {
  /// Whether a transaction was committed, as far as is known.
  func hasTakenEffect(_ transaction: Int) -> Bool {
    switch transactions[transaction].status {
    case .committed, .observed: true
    case .aborted, .indeterminate: false
    }
  }

  /// The committed writer of a version, if it has one.
  func committedWriter(of version: Int) -> Int? {
    versions[version].writer.flatMap { hasTakenEffect($0) ? $0 : nil }
  }

  func key(of version: Int) -> Int { versions[version].key }
}
