/// The anomalies that are found without a dependency graph.
struct DirectAnomalies {
  /// An occurrence of an anomaly.
  enum Finding {
    /// A committed transaction read a version that it should not have, instead of another one if that is
    /// known. For lists, the read may show later elements too.
    case read(Read)
    /// A committed transaction read a list that disagrees with its own micro-operations.
    case list(ListHistory.Read)
    /// Committed transactions read the same version of a key and each wrote the key afterwards.
    case lostUpdate(version: Int, transactions: [Int])
    /// Versions of one key precede each other.
    case cyclicVersions([Int])
    case duplicate(ListOrders.Duplicate)
    case contradiction(ListOrders.Contradiction)
    /// The longest list has the later one of two appends of a transaction first.
    case reversal(earlier: Int, later: Int)
    /// A committed version directly follows an aborted one, but for versions of unknown outcome.
    case dirtyUpdate(aborted: Int, committed: Int)
    case lostAppend(LostAppend)
  }

  struct Read {
    var reader: Int
    var version: Int
    /// The version that the transaction should have read, if known.
    var expected: Int?
  }

  /// An acknowledged append that the longest list read afterwards lacks.
  struct LostAppend {
    var version: Int
    /// The transaction that read the longest list, and the version it read.
    var reader: Int
    var longest: Int
  }

  private(set) var findings: [TransactionAnomaly: [Finding]] = [:]

  // Any order: the caller makes a set of it.
  var kinds: [TransactionAnomaly] { Array(findings.keys) }

  private mutating func add(_ finding: Finding, _ kind: TransactionAnomaly) {
    findings[kind, default: []].append(finding)
  }
}

// MARK: - Both data types

extension DirectAnomalies {
  /// Adds reads of versions that their writer overwrote in the same transaction.
  private mutating func findIntermediateReads(_ index: TransactionHistory) {
    forEachRead(index) { anomalies, reader, access in
      let version = index.versions[access.version]
      guard version.isIntermediate, version.writer != reader else { return }
      anomalies.add(.read(Read(reader: reader, version: access.version)), .g1b)
    }
  }

  private mutating func forEachRead(
    _ index: TransactionHistory,
    _ body: (inout DirectAnomalies, _ reader: Int, TransactionHistory.Access) -> Void
  ) {
    for (id, transaction) in index.transactions.enumerated() where transaction.status == .committed {
      for access in index.accesses(of: id) where !access.isWrite { body(&self, id, access) }
    }
  }

  private mutating func findLostUpdates(_ index: TransactionHistory) {
    for version in index.versions.indices {
      let readers = index.readers(of: version)
      guard readers.count > 1 else { continue }
      let key = index.key(of: version)
      let updaters = readers.lazy.map { Int($0) }.filter { reader in
        index.accesses(of: reader).drop { $0.isWrite || $0.version != version }.contains {
          $0.isWrite && index.key(of: $0.version) == key
        }
      }
      if updaters.count > 1 { add(.lostUpdate(version: version, transactions: Array(updaters)), .lostUpdate) }
    }
  }
}

// MARK: - Registers

extension DirectAnomalies {
  /// - Complexity: O(accesses), as long as transactions are short.
  init(registers index: TransactionHistory, _ versions: VersionOrder) {
    for cycle in versions.cycles { add(.cyclicVersions(cycle), .cyclicVersions) }
    forEachRead(index) { $0.checkRead(by: $1, $2, index) }
    findIntermediateReads(index)
    for (id, transaction) in index.transactions.enumerated() where transaction.status == .committed {
      checkConsistency(of: id, index)
    }
    findLostUpdates(index)
  }

  /// Checks that a version read was written, committed and not the transaction's own future write.
  private mutating func checkRead(
    by reader: Int, _ access: TransactionHistory.Access, _ index: TransactionHistory
  ) {
    let version = index.versions[access.version]
    let read = Finding.read(Read(reader: reader, version: access.version))
    guard let writer = version.writer else {
      if !version.isInitial { add(read, .garbageRead) }
      return
    }
    if writer == reader {
      if access.isExternal { add(read, .futureRead) }
    } else if index.transactions[writer].status == .aborted {
      add(read, .g1a)
    }
  }

  /// Checks that each read agrees with the transaction's previous access of the key; records the first that
  /// does not.
  private mutating func checkConsistency(of reader: Int, _ index: TransactionHistory) {
    let accesses = index.accesses(of: reader)
    for (place, access) in zip(accesses.indices, accesses) where !access.isWrite && !access.isExternal {
      let key = index.key(of: access.version)
      let previous = accesses[..<place].last { index.key(of: $0.version) == key }
      guard let previous, previous.version != access.version else { continue }
      return add(
        .read(Read(reader: reader, version: access.version, expected: previous.version)), .internal)
    }
  }
}

// MARK: - Lists

extension DirectAnomalies {
  /// - Complexity: O(accesses + versions), with lost appends O(n log n) in the accesses of a key.
  init(lists: ListHistory, includesLostAppends: Bool) {
    let (index, orders) = (lists.index, lists.orders)
    for duplicate in orders.duplicates { add(.duplicate(duplicate), .duplicateElements) }
    for contradiction in orders.contradictions { add(.contradiction(contradiction), .incompatibleOrder) }
    for id in index.transactions.indices where index.hasTakenEffect(id) {
      findReversals(in: id, index, orders)
    }
    for read in lists.futureReads { add(.list(read), .futureRead) }
    for read in lists.internalReads { add(.list(read), .internal) }
    for (id, version) in index.versions.enumerated() {
      guard let witness = orders.witness(of: id) else { continue }
      let read = Finding.read(Read(reader: witness, version: id))
      if let writer = version.writer {
        if index.transactions[writer].status == .aborted { add(read, .g1a) }
      } else {
        add(read, .garbageRead)
      }
    }
    // Without aborted versions there are no dirty updates.
    if findings[.g1a] != nil {
      for key in 0..<index.keyCount { findDirtyUpdates(orders.order(of: key), index) }
    }
    findIntermediateReads(index)
    findLostUpdates(index)
    if includesLostAppends { for lost in LostAppends(lists).all { add(.lostAppend(lost), .lostAppend) } }
  }

  /// Compares the order in which a transaction appended to a list with that of the list. No cycle shows it:
  /// a transaction does not precede itself.
  private mutating func findReversals(in transaction: Int, _ index: TransactionHistory, _ orders: ListOrders)
  {
    let appends = index.accesses(of: transaction).filter(\.isWrite).map(\.version)
    for (number, later) in appends.enumerated() {
      let earlier = appends[..<number].last { index.key(of: $0) == index.key(of: later) }
      guard let earlier, let place = orders.place(of: earlier), let next = orders.place(of: later),
        next < place
      else { continue }
      add(.reversal(earlier: earlier, later: later), .incompatibleOrder)
    }
  }

  private mutating func findDirtyUpdates(_ order: [Int], _ index: TransactionHistory) {
    var aborted: Int?
    for version in order {
      guard let writer = index.versions[version].writer else { continue }
      switch index.transactions[writer].status {
      case .committed:
        if let aborted { add(.dirtyUpdate(aborted: aborted, committed: version), .dirtyUpdate) }
        aborted = nil
      case .aborted: aborted = aborted ?? version
      case .indeterminate, .observed: break
      }
    }
  }
}
