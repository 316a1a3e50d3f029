import EddyHistory

extension DependencyGraph {
  /// The dependencies between the transactions of a history that took effect.
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

  /// From the writer of a version to those who read it.
  private mutating func linkReaders(of version: Int, _ registers: RegisterHistory) {
    guard let writer = registers.committedWriter(of: version), !registers.versions[version].isIntermediate
    else { return }
    for reader in registers.versions[version].readers { link(writer, reader, .wr) }
  }

  /// From the writer and the readers of a version to those who wrote a later one.
  private mutating func linkSuccessors(of id: Int, _ registers: RegisterHistory, _ versions: VersionOrder) {
    let version = registers.versions[id]
    let successors = version.isInitial ? registers.writers[version.key] : versions.successors[id]
    if let writer = registers.committedWriter(of: id) {
      for successor in successors { link(writer, successor, .ww) }
    }
    // Who reads an intermediate version is charged with just that.
    if !version.isIntermediate { link(all: version.readers, toAll: successors, .rw) }
  }

  private mutating func linkProcesses(_ registers: RegisterHistory, _ history: History) {
    var latest: [Operation.Process: Int] = [:]
    for (id, transaction) in registers.transactions.enumerated() where registers.hasTakenEffect(id) {
      let process = history.operations[transaction.operation].process
      if let previous = latest[process] { link(previous, id, .process) }
      // One of unknown outcome may take effect after whatever its process does next.
      if transaction.status == .committed { latest[process] = id }
    }
  }

  /// From each transaction to those that were invoked when it had completed, by way of a junction for
  /// each completion: the junctions are strung on one line, and every invocation hangs from the
  /// latest that there is. A transaction that was never acknowledged has no completion.
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
