import EddyHistory
import EddyNode
import EddyTiming

/// Makes anomalies with explanations from the findings on transactions.
struct TransactionExplainer {
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

  /// A transaction with node, time and index, such as `[["r",1,2]] on n0 at 0.010 s (operation 3)`.
  private func name(_ transaction: Int) -> String {
    let isUnknown = registers.transactions[transaction].status == .observed
    return "\(operation(transaction).shortValue) \(operation(transaction).whereAndWhen)"
      + (isUnknown ? ", whose outcome is unknown to the client, but whose write was read" : "")
  }

  private func key(_ version: Int) -> String {
    "key \(registers.keys.values[registers.key(of: version)].excerpt)"
  }

  private func value(_ version: Int) -> String { registers.versions[version].value?.excerpt ?? "null" }
}

// MARK: - Direct anomalies

extension TransactionExplainer {
  /// The anomalies of one kind, except cycles.
  func explain(_ kind: TransactionAnomaly, _ found: DirectAnomalies) -> [Anomaly] {
    switch kind {
    case .lostUpdate:
      return Anomaly.group(
        kind.name, found.lostUpdates,
        "\(found.lostUpdates.count.grouped) times several transactions read the same version of a key and each "
          + "wrote that key.", explain: explainLostUpdate)
    case .cyclicVersions:
      return Anomaly.group(
        kind.name, found.cyclicVersions,
        "\(found.cyclicVersions.count.grouped) sets of versions have no order: each precedes itself.",
        explain: explainCyclicVersions)
    default:
      let reads = found.reads[kind] ?? []
      return Anomaly.group(kind.name, reads, diagnosis(kind, reads.count.grouped)) { explain(kind, $0) }
    }
  }

  private func diagnosis(_ kind: TransactionAnomaly, _ count: String) -> String {
    switch kind {
    case .garbageRead: "\(count) reads returned a value that no transaction wrote."
    case .futureRead: "\(count) reads returned a value that the same transaction wrote only later."
    case .g1a: "\(count) reads returned a value written by a transaction that failed."
    case .g1b: "\(count) reads returned a value that its writer overwrote in the same transaction."
    default: "\(count) transactions read another value than they had read or written before."
    }
  }

  private func explain(_ kind: TransactionAnomaly, _ read: DirectAnomalies.Read) -> Anomaly.Example {
    let writer = registers.versions[read.version].writer
    let what =
      switch kind {
      case .garbageRead: "which no transaction wrote."
      case .futureRead: "which it wrote itself only later."
      case .g1a: "which was written by a transaction that failed: \(writer.map(name) ?? "")."
      case .g1b: "which its writer overwrote in the same transaction: \(writer.map(name) ?? "")."
      default: "after it had read or written \(read.expected.map(value) ?? "null") for that key."
      }
    let operations = [read.reader] + (writer == read.reader ? [] : writer.map { [$0] } ?? [])
    return Anomaly.Example(
      "\(name(read.reader)) read \(value(read.version)) from \(key(read.version)), \(what)",
      operations: operations.map { registers.transactions[$0].operation })
  }

  private func explainLostUpdate(_ lost: DirectAnomalies.LostUpdate) -> Anomaly.Example {
    let shown = lost.transactions.prefix(Anomaly.operationLimit)
    return Anomaly.Example(
      "\(lost.transactions.count) transactions read \(value(lost.version)) from \(key(lost.version)) and each "
        + "wrote that key: \(shown.map(name).joined(separator: "; ")).",
      operations: shown.map { registers.transactions[$0].operation })
  }

  private func explainCyclicVersions(_ cycle: [Int]) -> Anomaly.Example {
    let writers = cycle.compactMap { registers.versions[$0].writer }.prefix(Anomaly.operationLimit)
    return Anomaly.Example(
      "The values \(cycle.map(value).joined(separator: ", ")) of \(key(cycle[0])) have no order: by what their "
        + "writers read and wrote before, each precedes itself. The writers are "
        + "\(writers.map(name).joined(separator: "; ")).",
      operations: writers.map { registers.transactions[$0].operation })
  }

  /// The completions whose micro-operations are not those requested.
  func explain(altered: [Int]) -> [Anomaly] {
    Anomaly.group(
      "altered", altered,
      "\(altered.count.grouped) replies were about other transactions than were requested.",
      explain: explainAltered)
  }

  private func explainAltered(_ completion: Int) -> Anomaly.Example {
    let completed = history.operations[completion]
    let requested = history.invocation(of: completed)
    return Anomaly.Example(
      "The reply to \(requested?.shortValue ?? "a transaction") \(completed.whereAndWhen) was "
        + "\(completed.shortValue), which is another transaction.",
      operations: [completion])
  }
}

// MARK: - Cycles

extension TransactionExplainer {
  /// The anomaly of cycles of one kind, each from another strongly connected component.
  func explain(_ cycles: [DependencyCycle]) -> [Anomaly] {
    guard let first = cycles.first else { return [] }
    return Anomaly.group(
      TransactionAnomaly.cycle(first.kind, first.order).name, cycles,
      "\(cycles.count.grouped) sets of transactions have cyclic dependencies.", explain: explain)
  }

  /// A cycle in Elle's style, such as "T1 < T2, because T1 set key 1 to 2, which T2 read; but T2 < T1,
  /// because … Here T1 is …" Only the beginning of a long cycle is shown.
  private func explain(_ cycle: DependencyCycle) -> Anomaly.Example {
    let count = cycle.steps.count
    let shown = cycle.steps.indices.prefix(Anomaly.operationLimit)
    var reasons = shown.map { index in
      let next = (index + 1) % count
      let (a, b) = ("T\(index + 1)", "T\(next + 1)")
      let step = cycle.steps[index]
      return "\(next == 0 ? "but " : "")\(a) < \(b), because "
        + reason(step.relation, step.transaction, a, cycle.steps[next].transaction, b)
    }
    if shown.count < count { reasons.append("and so on to T\(count), but T\(count) < T1") }
    let legend = shown.map { "T\($0 + 1) is \(name(cycle.steps[$0].transaction))" }
    return Anomaly.Example(
      reasons.joined(separator: "; ") + ". Here " + legend.joined(separator: "; ") + ".",
      operations: shown.map { registers.transactions[cycle.steps[$0].transaction].operation })
  }

  private func reason(
    _ relation: DependencyGraph.Relations, _ a: Int, _ aName: String, _ b: Int, _ bName: String
  ) -> String {
    switch relation {
    case .process: return "\(operation(a).process.name) executed \(aName) first"
    case .realtime:
      let invoked = history.invocation(of: operation(b)) ?? operation(b)
      return "\(aName) completed (operation \(operation(a).index)) before \(bName) was invoked "
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

  /// Whether a transaction has an external read of a version.
  private func reads(_ transaction: Int, _ version: Int) -> Bool {
    registers.transactions[transaction].accesses.contains {
      !$0.isWrite && $0.isExternal && $0.version == version
    }
  }

  /// The value with which a transaction overwrote a version; nil if it did not overwrite it.
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
  /// The process in words, such as "process 3".
  fileprivate var name: String {
    switch self {
    case .client(let number): "process \(number)"
    case .nemesis: "the nemesis"
    }
  }
}
