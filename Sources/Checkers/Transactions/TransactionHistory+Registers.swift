import EddyHistory

extension TransactionHistory {
  /// An index of a history of transactions over registers.
  ///
  /// - Parameter infersCommits: Whether a transaction of unknown outcome counts as committed if an
  ///   acknowledged one read one of its writes. That is sound where the models forbid G1a: either it
  ///   committed, or the read is an anomaly.
  /// - Complexity: O(micro-operations).
  init(registers history: History, infersCommits: Bool) {
    self.init(.register)
    load(history) { $0.addAccessesOfRegisters() }
    if infersCommits { noteObservedRegisters() }
    noteReaders()
  }

  private mutating func addAccessesOfRegisters() {
    let steps = reader.steps
    let isCommitted = transactions[transactions.count - 1].status == .committed
    for (index, step) in steps.enumerated() where step.isWrite || isCommitted {
      let others = step.isWrite ? steps[(index + 1)...] : steps[..<index]
      let isExternal = !others.contains { $0.key == step.key && (!step.isWrite || $0.isWrite) }
      let value: Int? = if case .single(let value) = step.value { value } else { nil }
      let version = version(key: step.key, value: value)
      append(Access(version: version, isWrite: step.isWrite, isExternal: isExternal))
    }
  }

  /// Marks the transactions of unknown outcome whose writes an acknowledged transaction read.
  private mutating func noteObservedRegisters() {
    for (id, transaction) in transactions.enumerated() where transaction.status == .committed {
      for access in accesses(of: id) where !access.isWrite { noteObserved(access.version) }
    }
  }
}
