/// The anomalies that are found without a dependency graph.
struct DirectAnomalies {
  /// An anomalous read by a committed transaction.
  struct Read {
    var reader: Int
    var version: Int
    /// The version that the transaction should have read, if known.
    var expected: Int?
  }

  /// Committed transactions that read the same version of a key and each wrote the key.
  struct LostUpdate {
    var version: Int
    var transactions: [Int]
  }

  private(set) var reads: [TransactionAnomaly: [Read]] = [:]
  private(set) var lostUpdates: [LostUpdate] = []
  /// Sets of versions of one key that precede each other.
  let cyclicVersions: [[Int]]

  /// - Complexity: O(accesses), as long as transactions are short.
  init(_ registers: RegisterHistory, _ versions: VersionOrder) {
    cyclicVersions = versions.cycles
    for (id, transaction) in registers.transactions.enumerated() where transaction.status == .committed {
      checkReads(of: id, registers)
      checkConsistency(of: id, registers)
    }
    findLostUpdates(registers)
  }

  var kinds: [TransactionAnomaly] {
    // Any order: the caller makes a set of it.
    Array(reads.keys) + (lostUpdates.isEmpty ? [] : [.lostUpdate])
      + (cyclicVersions.isEmpty ? [] : [.cyclicVersions])
  }

  /// Checks that each version read was written, committed, final and not the transaction's own future write.
  private mutating func checkReads(of reader: Int, _ registers: RegisterHistory) {
    for access in registers.transactions[reader].accesses where !access.isWrite {
      let version = registers.versions[access.version]
      let read = Read(reader: reader, version: access.version)
      guard let writer = version.writer else {
        if !version.isInitial { reads[.garbageRead, default: []].append(read) }
        continue
      }
      if writer == reader {
        if access.isExternal { reads[.futureRead, default: []].append(read) }
        continue
      }
      if registers.transactions[writer].status == .aborted { reads[.g1a, default: []].append(read) }
      if version.isIntermediate { reads[.g1b, default: []].append(read) }
    }
  }

  /// Checks that each read agrees with the transaction's previous access of the key; records the first that
  /// does not.
  private mutating func checkConsistency(of reader: Int, _ registers: RegisterHistory) {
    let accesses = registers.transactions[reader].accesses
    for (index, access) in accesses.enumerated() where !access.isWrite && !access.isExternal {
      let key = registers.key(of: access.version)
      let previous = accesses[..<index].last { registers.key(of: $0.version) == key }
      guard let previous, previous.version != access.version else { continue }
      reads[.internal, default: []].append(
        Read(reader: reader, version: access.version, expected: previous.version))
      return
    }
  }

  private mutating func findLostUpdates(_ registers: RegisterHistory) {
    for (id, version) in registers.versions.enumerated() where version.readers.count > 1 {
      let updaters = version.readers.filter { reader in
        registers.transactions[reader].accesses.contains {
          $0.isWrite && registers.key(of: $0.version) == version.key
        }
      }
      if updaters.count > 1 { lostUpdates.append(LostUpdate(version: id, transactions: updaters)) }
    }
  }
}
