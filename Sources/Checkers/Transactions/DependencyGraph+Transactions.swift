import EddyHistory

extension DependencyGraph {
  /// The dependencies between the transactions of a history that took effect, with the given order.
  ///
  /// - Complexity: O(accesses + length of the history).
  init(_ index: TransactionHistory, _ versions: VersionOrder, _ order: CycleOrder, of history: History) {
    self.init(transactionCount: index.transactions.count)
    for version in index.versions.indices {
      linkReaders(of: version, index)
      linkSuccessors(of: version, index, versions)
    }
    switch order {
    case .data: break
    case .process: linkProcesses(index, history)
    case .realtime: linkRealtime(index, history)
    }
    sortEdges()
  }

  /// Adds `wr` edges from the writer of a version to its readers.
  private mutating func linkReaders(of version: Int, _ index: TransactionHistory) {
    guard let writer = index.committedWriter(of: version), !index.versions[version].isIntermediate
    else { return }
    for reader in index.readers(of: version) { link(writer, Int(reader), .wr) }
  }

  /// Adds `ww` and `rw` edges from the writer and the readers of a version to the writers of later versions.
  private mutating func linkSuccessors(of version: Int, _ index: TransactionHistory, _ versions: VersionOrder)
  {
    let successors = versions.successors(of: version)
    if let writer = index.committedWriter(of: version) {
      for successor in successors { link(writer, Int(successor), .ww) }
    }
    // A read of an intermediate version is reported as G1b and adds no dependency.
    guard !index.versions[version].isIntermediate else { return }
    link(all: index.readers(of: version), toAll: successors, .rw)
  }

  /// Adds an edge from each transaction to the next one of its process.
  private mutating func linkProcesses(_ index: TransactionHistory, _ history: History) {
    var latest: [Operation.Process: Int] = [:]
    for (id, transaction) in index.transactions.enumerated() where index.hasTakenEffect(id) {
      let process = history.operations[Int(transaction.operation)].process
      if let previous = latest[process] { link(previous, id, .process) }
      // A transaction of unknown outcome may take effect after its process's next transaction.
      if transaction.status == .committed { latest[process] = id }
    }
  }

  /// Adds edges from each committed transaction to those invoked after its completion.
  ///
  /// Each completion has a junction. The junctions form a chain in the order of the completions, and every
  /// invoked transaction follows the latest junction at its invocation: O(n) edges instead of O(n²). A
  /// transaction without an `ok` completion precedes none in real time.
  private mutating func linkRealtime(_ index: TransactionHistory, _ history: History) {
    // By entry of the history: the transaction that is invoked or completed there.
    var entries = Array(repeating: Int32(-1), count: history.operations.count)
    for (id, transaction) in index.transactions.enumerated() where index.hasTakenEffect(id) {
      entries[Int(transaction.invocation)] = Int32(id)
      entries[Int(transaction.operation)] = Int32(id)
    }
    var latest: Int?
    for (entry, id) in entries.enumerated() where id >= 0 {
      let transaction = index.transactions[Int(id)]
      if entry == transaction.invocation {
        if let latest { link(latest, Int(id), .through) }
      } else if transaction.status == .committed {
        let junction = addJunction()
        if let latest { link(latest, junction, .through) }
        link(Int(id), junction, .realtime)
        latest = junction
      }
    }
  }
}
