import EddyHistory
import EddyNode

// What is wrong without a cycle.

extension TransactionExplainer {
  /// The anomalies of one kind, except cycles.
  func explain(_ kind: TransactionAnomaly, _ found: DirectAnomalies) -> [Anomaly] {
    let findings = found.findings[kind] ?? []
    return Anomaly.group(kind.name, findings, diagnosis(kind, findings.count.grouped)) { explain(kind, $0) }
  }

  private func diagnosis(_ kind: TransactionAnomaly, _ count: String) -> String {
    let isList = index.type == .list
    return switch kind {
    case .garbageRead:
      isList
        ? "\(count) elements were read that no transaction appended."
        : "\(count) reads returned a value that no transaction wrote."
    case .duplicateElements: "\(count) reads returned a list with an element more than once."
    case .incompatibleOrder:
      "\(count) times lists of a key contradict each other, or the order in which a transaction appended."
    case .cyclicVersions: "\(count) sets of versions have no order: each precedes itself."
    case .futureRead: "\(count) reads returned a value that the same transaction wrote only later."
    case .dirtyUpdate: "\(count) times a transaction appended to what a failed transaction had left."
    case .g1a:
      isList
        ? "\(count) elements were read that a transaction appended that failed."
        : "\(count) reads returned a value written by a transaction that failed."
    case .g1b: "\(count) reads returned a value that its writer overwrote in the same transaction."
    case .lostAppend: "\(count) acknowledged appends are in no list that was read afterwards."
    case .lostUpdate:
      "\(count) times several transactions read the same version of a key and each wrote that key."
    case .internal, .cycle: "\(count) transactions read another value than they had read or written before."
    }
  }

  private func explain(_ kind: TransactionAnomaly, _ finding: DirectAnomalies.Finding) -> Anomaly.Example {
    switch finding {
    case .read(let read) where index.type == .list: explainElement(kind, read)
    case .read(let read): explainRead(kind, read)
    case .list(let read): explainList(kind, read)
    case .lostUpdate(let version, let transactions): explainLostUpdate(version, transactions)
    case .cyclicVersions(let cycle): explainCyclicVersions(cycle)
    case .duplicate(let duplicate): explainDuplicate(duplicate)
    case .contradiction(let contradiction): explainContradiction(contradiction)
    case .reversal(let earlier, let later): explainReversal(earlier, later)
    case .dirtyUpdate(let aborted, let committed): explainDirtyUpdate(aborted, committed)
    case .lostAppend(let lost): explainLostAppend(lost)
    }
  }

  private func example(_ explanation: String, _ transactions: [Int?]) -> Anomaly.Example {
    var entries: [Int] = []
    for case let transaction? in transactions where !entries.contains(entry(of: transaction)) {
      entries.append(entry(of: transaction))
    }
    return Anomaly.Example(explanation, operations: entries)
  }
}

// MARK: - Both data types

extension TransactionExplainer {
  private func explainRead(_ kind: TransactionAnomaly, _ read: DirectAnomalies.Read) -> Anomaly.Example {
    let writer = index.versions[read.version].writer
    let what =
      switch kind {
      case .garbageRead: "which no transaction wrote."
      case .futureRead: "which it wrote itself only later."
      case .g1a: "which was written by a transaction that failed: \(writer.map(name) ?? "")."
      case .g1b: "which its writer overwrote in the same transaction: \(writer.map(name) ?? "")."
      default: "after it had read or written \(read.expected.map(value) ?? "null") for that key."
      }
    return example(
      "\(name(read.reader)) read \(value(read.version)) from \(key(read.version)), \(what)",
      [read.reader, writer])
  }

  private func explainLostUpdate(_ version: Int, _ transactions: [Int]) -> Anomaly.Example {
    let shown = transactions.prefix(Anomaly.operationLimit)
    let state =
      switch (index.type, index.versions[version].isInitial) {
      case (.register, _): "\(value(version)) from \(key(version)) and each wrote that key"
      case (.list, true): "\(key(version)) without elements and each appended to it"
      case (.list, false): "\(key(version)) up to its element \(value(version)) and each appended to it"
      }
    return example(
      "\(transactions.count) transactions read \(state): \(shown.map(name).joined(separator: "; ")).",
      Array(shown))
  }
}

// MARK: - Registers

extension TransactionExplainer {
  private func explainCyclicVersions(_ cycle: [Int]) -> Anomaly.Example {
    let writers = cycle.compactMap { index.versions[$0].writer }.prefix(Anomaly.operationLimit)
    return example(
      "The values \(cycle.map(value).joined(separator: ", ")) of \(key(cycle[0])) have no order: by what their "
        + "writers read and wrote before, each precedes itself. The writers are "
        + "\(writers.map(name).joined(separator: "; ")).", Array(writers))
  }
}

// MARK: - Lists

extension TransactionExplainer {
  private func explainElement(_ kind: TransactionAnomaly, _ read: DirectAnomalies.Read) -> Anomaly.Example {
    let writer = index.versions[read.version].writer
    let what =
      switch kind {
      case .garbageRead:
        "a list of \(key(read.version)) with \(value(read.version)), which no transaction appended."
      case .g1a:
        "a list of \(key(read.version)) with \(value(read.version)), which was appended by a transaction that "
          + "failed: \(writer.map(name) ?? "")."
      default:
        "a list of \(key(read.version)) that ends with \(value(read.version)), after which its transaction appended "
          + "more to that key: \(writer.map(name) ?? "")."
      }
    return example("\(name(read.reader)) read \(what)", [read.reader, writer])
  }

  private func explainList(_ kind: TransactionAnomaly, _ read: ListHistory.Read) -> Anomaly.Example {
    let what =
      kind == .futureRead
      ? "although it appended \(read.expected.first.map { index.reader.values.values[$0].excerpt } ?? "") only later."
      : read.isWhole
        ? "although by what it had read and appended before it is \(list(read.expected))."
        : "although it had appended \(list(read.expected)) before, with which the list must end."
    return example(
      "\(name(read.reader)) read \(list(read.list)) from \(keyName(read.key)), \(what)", [read.reader])
  }

  private func explainDuplicate(_ duplicate: ListOrders.Duplicate) -> Anomaly.Example {
    example(
      "\(name(duplicate.reader)) read a list of \(key(duplicate.version)) with an element more than once.",
      [duplicate.reader])
  }

  private func explainContradiction(_ contradiction: ListOrders.Contradiction) -> Anomaly.Example {
    let (longest, other) = (contradiction.readers.longest, contradiction.readers.other)
    return example(
      "\(name(longest)) read \(list(contradiction.lists.longest)) from \(keyName(contradiction.key)), and "
        + "\(name(other)) read \(list(contradiction.lists.other)): neither is the beginning of the other.",
      [longest, other])
  }

  private func explainReversal(_ earlier: Int, _ later: Int) -> Anomaly.Example {
    let writer = index.versions[later].writer
    return example(
      "\(writer.map(name) ?? "") appended \(value(earlier)) and then \(value(later)) to \(key(later)), but the longest "
        + "list that was read has them in the other order.",
      [writer, orders?.witness(of: earlier)])
  }

  private func explainDirtyUpdate(_ aborted: Int, _ committed: Int) -> Anomaly.Example {
    let writers = (index.versions[aborted].writer, index.versions[committed].writer)
    return example(
      "\(writers.1.map(name) ?? "") appended \(value(committed)) to \(key(committed)) after \(value(aborted)), which "
        + "was appended by a transaction that failed: \(writers.0.map(name) ?? "").", [writers.1, writers.0])
  }

  private func explainLostAppend(_ lost: DirectAnomalies.LostAppend) -> Anomaly.Example {
    let writer = index.versions[lost.version].writer
    return example(
      "\(writer.map(name) ?? "") appended \(value(lost.version)) to \(key(lost.version)) and was acknowledged, and no "
        + "read of the key that was invoked afterwards shows it. The longest list is that of \(name(lost.reader)).",
      [writer, lost.reader])
  }
}
