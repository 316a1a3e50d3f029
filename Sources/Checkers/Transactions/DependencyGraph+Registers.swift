import EddyHistory

extension DependencyGraph {
  /// The dependencies between the transactions of a history that took effect, with the given order.
  ///
  /// - Complexity: O(accesses + length of the history).
  init(_ registers: RegisterHistory, _ versions: VersionOrder, _ order: CycleOrder, of history: History) {
    self.init(transactionCount: registers.transactions.count)
    for version in registers.versions.indices {
      linkReaders(of: version, registers)
      linkSuccessors(of: version, registers, versions)
    }
    switch order {
    case .data: break
    case .process: linkProcesses(registers, history)
    case .realtime: linkRealtime(registers, history)
    }
    sortEdges()
  }

  /// Adds `wr` edges from the writer of a version to its readers.
  private mutating func linkReaders(of version: Int, _ registers: RegisterHistory) {
    guard let writer = registers.committedWriter(of: version), !registers.versions[version].isIntermediate
    else { return }
    for reader in registers.versions[version].readers { link(writer, reader, .wr) }
  }

  /// Adds `ww` and `rw` edges from the writer and the readers of a version to the writers of later versions.
  private mutating func linkSuccessors(of id: Int, _ registers: RegisterHistory, _ versions: VersionOrder) {
    let version = registers.versions[id]
    let successors = version.isInitial ? registers.writers[version.key] : versions.successors[id]
    if let writer = registers.committedWriter(of: id) {
      for successor in successors { link(writer, successor, .ww) }
    }
    // A read of an intermediate version is reported as G1b and adds no dependency.
    if !version.isIntermediate { link(all: version.readers, toAll: successors, .rw) }
  }

  /// Adds an edge from each transaction to the next one of its process.
  private mutating func linkProcesses(_ registers: RegisterHistory, _ history: History) {
    var latest: [Operation.Process: Int] = [:]
    for (id, transaction) in registers.transactions.enumerated() where registers.hasTakenEffect(id) {
      let process = history.operations[transaction.operation].process
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
  private mutating func linkRealtime(_ registers: RegisterHistory, _ history: History) {
    var transactions: [Int: Int] = [:]
    for (id, transaction) in registers.transactions.enumerated() where registers.hasTakenEffect(id) {
      transactions[transaction.operation] = id
    }
    var latest: Int?
    for operation in history.clientOperations {
      if operation.kind == .invoke {
        let end = history.completion(of: operation) ?? operation
        if let latest, let id = transactions[end.index] { link(latest, id, .through) }
      } else if let id = transactions[operation.index], registers.transactions[id].status == .committed {
        let junction = addJunction()
        if let latest { link(latest, junction, .through) }
        link(id, junction, .realtime)
        latest = junction
      }
    }
  }
}
