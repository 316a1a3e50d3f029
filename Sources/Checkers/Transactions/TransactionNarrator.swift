import EddyHistory
import EddyNode
import EddyTiming

/// Puts anomalies of transactions into words, with the operations that make them.
struct TransactionNarrator {
  private let history: History
  private let registers: RegisterHistory
  private let versions: VersionOrder

  init(_ history: History, _ registers: RegisterHistory, _ versions: VersionOrder) {
    self.history = history
    self.registers = registers
    self.versions = versions
  }

  private func operation(_ transaction: Int) -> Operation {
    history.operations[registers.transactions[transaction].operation]
  }

  /// Such as `[["r",1,2]] on n0 at 0.010 s (operation 3)`.
  private func name(_ transaction: Int) -> String {
    let isUnknown = registers.transactions[transaction].status == .observed
    return "\(operation(transaction).shortValue) \(operation(transaction).whereAndWhen)"
      + (isUnknown ? ", whose outcome the client does not know, but what it wrote was read" : "")
  }

  private func key(_ version: Int) -> String {
    "key \(registers.keys.values[registers.key(of: version)].shortened)"
  }

  private func value(_ version: Int) -> String { registers.versions[version].value?.shortened ?? "null" }
}

// MARK: - Direct anomalies

extension TransactionNarrator {
  func explain(_ kind: TransactionAnomaly, _ found: DirectAnomalies) -> [Anomaly] {
    switch kind {
    case .lostUpdate:
      return Anomaly.group(
        kind.name, found.lostUpdates,
        "\(found.lostUpdates.count.grouped) times several transactions read one version of a key and then wrote "
          + "that key, none knowing of the others.", explain: explainLostUpdate)
    case .cyclicVersions:
      return Anomaly.group(
        kind.name, found.cyclicVersions,
        "The values of \(found.cyclicVersions.count.grouped) keys have no order: some come before each other.",
        explain: explainCyclicVersions)
    default:
      let reads = found.reads[kind] ?? []
      return Anomaly.group(kind.name, reads, diagnosis(kind, reads.count.grouped)) { explain(kind, $0) }
    }
  }

  private func diagnosis(_ kind: TransactionAnomaly, _ count: String) -> String {
    switch kind {
    case .garbageRead: "\(count) reads returned a value that nobody ever wrote."
    case .futureRead: "\(count) reads returned what the same transaction wrote only later."
    case .g1a: "\(count) reads returned what a transaction had written that failed."
    case .g1b: "\(count) reads returned a value that its writer went on to overwrite."
    default: "\(count) transactions read something else than they had read or written before."
    }
  }

  private func explain(_ kind: TransactionAnomaly, _ read: DirectAnomalies.Read) -> Anomaly.Example {
    let writer = registers.versions[read.version].writer
    let what =
      switch kind {
      case .garbageRead: "which nobody ever wrote."
      case .futureRead: "which it wrote itself, but only later."
      case .g1a: "which was written by a transaction that failed: \(writer.map(name) ?? "")."
      case .g1b: "which its writer went on to overwrite: \(writer.map(name) ?? "")."
      default: "after it had read or written \(read.expected.map(value) ?? "null") there."
      }
    let operations = [read.reader] + (writer == read.reader ? [] : writer.map { [$0] } ?? [])
    return Anomaly.Example(
      "\(name(read.reader)) read \(value(read.version)) from \(key(read.version)), \(what)",
      operations: operations.map { registers.transactions[$0].operation })
  }

  private func explainLostUpdate(_ lost: DirectAnomalies.LostUpdate) -> Anomaly.Example {
    let shown = lost.transactions.prefix(Anomaly.operationLimit)
    return Anomaly.Example(
      "\(lost.transactions.count) transactions read \(value(lost.version)) from \(key(lost.version)) and then "
        + "wrote that key, none knowing of the others: \(shown.map(name).joined(separator: "; ")).",
      operations: shown.map { registers.transactions[$0].operation })
  }

  private func explainCyclicVersions(_ cycle: [Int]) -> Anomaly.Example {
    let writers = cycle.compactMap { registers.versions[$0].writer }.prefix(Anomaly.operationLimit)
    return Anomaly.Example(
      "Of the values \(cycle.map(value).joined(separator: ", ")) of \(key(cycle[0])) each must have come before "
        + "the next and the last before the first, by what was read before each was written: "
        + "\(writers.map(name).joined(separator: "; ")).",
      operations: writers.map { registers.transactions[$0].operation })
  }

  /// Completed transactions that are others than those that were asked for.
  func explain(altered: [Int]) -> [Anomaly] {
    Anomaly.group(
      "altered", altered,
      "\(altered.count.grouped) answers were about other transactions than were asked for.",
      explain: explainAltered)
  }

  private func explainAltered(_ completion: Int) -> Anomaly.Example {
    let completed = history.operations[completion]
    let requested = history.invocation(of: completed)
    return Anomaly.Example(
      "The answer to \(requested?.shortValue ?? "a transaction") \(completed.whereAndWhen) was "
        + "\(completed.shortValue), which is another transaction.",
      operations: [completion])
  }
}

// MARK: - Cycles

extension TransactionNarrator {
  /// Cycles of one kind, each from a set of transactions that all depend on each other.
  func explain(_ cycles: [DependencyCycle]) -> [Anomaly] {
    guard let first = cycles.first else { return [] }
    return Anomaly.group(
      TransactionAnomaly.cycle(first.kind, first.order).name, cycles,
      "\(cycles.count.grouped) sets of transactions each must come before themselves.", explain: explain)
  }

  /// Such as "T1 < T2, for T1 set key 1 to 2, which T2 read; but T2 < T1, for … Here T1 is …" Of a
  /// long cycle only the beginning is told.
  private func explain(_ cycle: DependencyCycle) -> Anomaly.Example {
    let count = cycle.steps.count
    let told = cycle.steps.indices.prefix(Anomaly.operationLimit)
    var reasons = told.map { place in
      let next = (place + 1) % count
      let (a, b) = ("T\(place + 1)", "T\(next + 1)")
      let step = cycle.steps[place]
      return "\(next == 0 ? "but " : "")\(a) < \(b), for "
        + reason(step.relation, step.transaction, a, cycle.steps[next].transaction, b)
    }
    if told.count < count { reasons.append("and so on to T\(count), but T\(count) < T1") }
    let legend = told.map { "T\($0 + 1) is \(name(cycle.steps[$0].transaction))" }
    return Anomaly.Example(
      reasons.joined(separator: "; ") + ". Here " + legend.joined(separator: "; ") + ".",
      operations: told.map { registers.transactions[cycle.steps[$0].transaction].operation })
  }

  private func reason(
    _ relation: DependencyGraph.Relations, _ a: Int, _ aName: String, _ b: Int, _ bName: String
  ) -> String {
    switch relation {
    case .process: return "\(operation(a).process.name) executed it first"
    case .realtime:
      let invoked = history.invocation(of: operation(b)) ?? operation(b)
      return "it had completed (operation \(operation(a).index)) when \(bName) was invoked "
        + "(operation \(invoked.index))"
    default: break
    }
    for access in registers.transactions[a].accesses {
      let (key, value) = (key(access.version), value(access.version))
      if relation == .wr, access.isWrite, access.isExternal, reads(b, access.version) {
        return "\(aName) set \(key) to \(value), which \(bName) read"
      }
      guard access.isWrite == (relation == .ww), let later = overwrite(of: access.version, by: b) else {
        continue
      }
      if access.isWrite { return "\(aName) set \(key) to \(value), which \(bName) read and set to \(later)" }
      guard access.isExternal else { continue }
      let seen =
        registers.versions[access.version].isInitial ? "found \(key) unwritten" : "read \(key) = \(value)"
      return "\(aName) \(seen), and \(bName) set it to \(later)"
    }
    preconditionFailure("every dependency has a reason")
  }

  /// Whether a transaction reads a version before any other access of its key.
  private func reads(_ transaction: Int, _ version: Int) -> Bool {
    registers.transactions[transaction].accesses.contains {
      !$0.isWrite && $0.isExternal && $0.version == version
    }
  }

  /// What a transaction wrote after a version that it must have written after; nil if it need not.
  private func overwrite(of version: Int, by transaction: Int) -> String? {
    let isInitial = registers.versions[version].isInitial
    guard isInitial || versions.successors[version].contains(transaction) else { return nil }
    let accesses = registers.transactions[transaction].accesses
    let read = isInitial ? nil : accesses.firstIndex { $0.version == version }
    return accesses[(read ?? 0)...].first {
      $0.isWrite && registers.key(of: $0.version) == registers.key(of: version)
    }
    .map { value($0.version) }
  }
}

extension Operation.Process {
  /// Such as "process 3".
  fileprivate var name: String {
    switch self {
    case .client(let number): "process \(number)"
    case .nemesis: "the nemesis"
    }
  }
}
