import EddyHistory
import EddyNode

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
    let dependencies = shown.map { index in
      let next = cycle.steps[(index + 1) % count].transaction
      return dependency(cycle.steps[index].relation, cycle.steps[index].transaction, next)
    }
    var reasons = zip(shown, dependencies).map { index, dependency in
      let next = (index + 1) % count
      let (a, b) = ("T\(index + 1)", "T\(next + 1)")
      return "\(next == 0 ? "but " : "")\(a) < \(b), because " + reason(dependency, a, b)
    }
    if shown.count < count { reasons.append("and so on to T\(count), but T\(count) < T1") }
    let legend = shown.map { "T\($0 + 1) is \(name(cycle.steps[$0].transaction))" }
    var example = Anomaly.Example(
      reasons.joined(separator: "; ") + ". Here " + legend.joined(separator: "; ") + ".",
      operations: shown.map { entry(of: cycle.steps[$0].transaction) })
    example.figure = figure(cycle, dependencies)
    return example
  }
}

// MARK: - Dependencies

extension TransactionExplainer {
  /// Why a transaction precedes another.
  enum Dependency {
    case process(Operation.Process)
    /// The indices of the completion of the first and of the invocation of the second.
    case realtime(completion: Int, invocation: Int)
    /// The second read the version that the first wrote.
    case wr(Int)
    /// The second wrote the version `next` directly after one that the first wrote.
    case ww(Int, next: Int)
    /// The first read a version without `next`, which the second wrote directly after it.
    case rw(Int, next: Int)
  }

  private func dependency(_ relation: DependencyGraph.Relations, _ a: Int, _ b: Int) -> Dependency {
    switch relation {
    case .process: return .process(operation(a).process)
    case .realtime:
      return .realtime(completion: entry(of: a), invocation: Int(index.transactions[b].invocation))
    default: break
    }
    for access in index.accesses(of: a) {
      let version = access.version
      if relation == .wr, access.isWrite, access.isExternal, reads(b, version) { return .wr(version) }
      guard access.isWrite == (relation == .ww), let next = overwrite(of: version, by: b) else { continue }
      if access.isWrite { return .ww(version, next: next) }
      if access.isExternal { return .rw(version, next: next) }
    }
    preconditionFailure("every dependency has a reason")
  }

  /// Whether a transaction has an external read of a version.
  private func reads(_ transaction: Int, _ version: Int) -> Bool {
    index.accesses(of: transaction).contains { !$0.isWrite && $0.isExternal && $0.version == version }
  }

  /// The version with which a transaction overwrote another one; nil if it did not overwrite it.
  private func overwrite(of version: Int, by transaction: Int) -> Int? {
    guard versions.successors(of: version).contains(Int32(transaction)) else { return nil }
    let accesses = index.accesses(of: transaction)
    let isOverwriting = { (access: TransactionHistory.Access) in
      access.isWrite && index.key(of: access.version) == index.key(of: version)
    }
    if let orders {
      // The next one in the longest list, or else one that no list shows.
      let place = orders.place(of: version) ?? -1
      let later = accesses.filter { isOverwriting($0) && orders.place(of: $0.version) ?? .max > place }
      return later.map(\.version).min { orders.place(of: $0) ?? .max < orders.place(of: $1) ?? .max }
    }
    // The write that follows its read.
    let isInitial = index.versions[version].isInitial
    let read = isInitial ? nil : accesses.firstIndex { $0.version == version }
    return accesses[(read ?? accesses.startIndex)...].first(where: isOverwriting)?.version
  }
}

// MARK: - Words

extension TransactionExplainer {
  private func reason(_ dependency: Dependency, _ a: String, _ b: String) -> String {
    switch dependency {
    case .process(let process): "\(process.name) executed \(a) first"
    case .realtime(let completion, let invocation):
      "\(a) completed (operation \(completion)) before \(b) was invoked (operation \(invocation))"
    default: index.type == .list ? listReason(dependency, a, b) : registerReason(dependency, a, b)
    }
  }

  private func registerReason(_ dependency: Dependency, _ a: String, _ b: String) -> String {
    switch dependency {
    case .wr(let version): return "\(a) set \(key(version)) to \(value(version)), which \(b) read"
    case .ww(let version, let next):
      return "\(a) set \(key(version)) to \(value(version)), which \(b) read and set to \(value(next))"
    case .rw(let version, let next):
      let isInitial = index.versions[version].isInitial
      let seen = isInitial ? "found \(key(version)) unwritten" : "read \(key(version)) = \(value(version))"
      return "\(a) \(seen), and \(b) set it to \(value(next))"
    case .process, .realtime: preconditionFailure("an order of operations has other words")
    }
  }

  private func listReason(_ dependency: Dependency, _ a: String, _ b: String) -> String {
    switch dependency {
    case .wr(let version): return "\(a) appended \(value(version)) to \(key(version)), which \(b) read"
    case .ww(let version, let next):
      return "\(a) appended \(value(version)) to \(key(version)), after which \(b) appended \(value(next))"
    case .rw(let version, let next):
      let isInitial = index.versions[version].isInitial
      let seen = isInitial ? "without elements" : "up to \(value(version))"
      return "\(a) read \(key(version)) \(seen), after which \(b) appended \(value(next))"
    case .process, .realtime: preconditionFailure("an order of operations has other words")
    }
  }
}

extension Operation.Process {
  /// The process in words, such as "process 3".
  var name: String {
    switch self {
    case .client(let number): "process \(number)"
    case .nemesis: "the nemesis"
    }
  }
}
