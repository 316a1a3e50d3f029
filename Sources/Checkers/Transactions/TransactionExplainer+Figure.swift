import EddyHistory
import EddyNode

extension TransactionExplainer {
  /// The beginning of a cycle as a figure.
  ///
  /// - Parameter dependencies: Why each transaction shown precedes the next.
  func figure(_ cycle: DependencyCycle, _ dependencies: [Dependency]) -> Figure {
    let shown = cycle.steps.prefix(dependencies.count).map(\.transaction)
    return .cycle(
      TransactionCycle(
        name: TransactionAnomaly.cycle(cycle.kind, cycle.order).name,
        transactions: shown.enumerated().map { number, transaction in
          .init(
            name: "T\(number + 1)", place: operation(transaction).whereAndWhen,
            steps: steps(of: transaction))
        },
        hiddenCount: cycle.steps.count - shown.count,
        dependencies: dependencies.enumerated().map { number, dependency in
          let next = cycle.steps[(number + 1) % cycle.steps.count].transaction
          return .init(
            relation: dependency.relation, label: label(dependency),
            steps: steps(of: dependency, shown[number], next))
        }))
  }

  /// The micro-operations of a transaction as short texts.
  private func steps(of transaction: Int) -> [String] {
    guard let value = operation(transaction).value else { return [] }
    var reader = value.reader
    let steps = try? reader.readArray { (reader) throws(JSONError) in
      try reader.readArray { (reader) throws(JSONError) in try reader.readRaw() }
    }
    return (steps ?? []).map { parts in
      let name = (try? parts.first?.decoded(as: String.self)) ?? ""
      return ([name] + parts.dropFirst().map { $0.description.shortenedInTheMiddle }).joined(separator: " ")
    }
  }

  /// The places of the micro-operations that make a dependency.
  private func steps(of dependency: Dependency, _ a: Int, _ b: Int) -> (Int?, Int?) {
    switch dependency {
    case .process, .realtime: (nil, nil)
    case .wr(let version): (step(of: version, isWrite: true, a), step(of: version, isWrite: false, b))
    case .ww(let version, let next): (step(of: version, isWrite: true, a), step(of: next, isWrite: true, b))
    case .rw(let version, let next): (step(of: version, isWrite: false, a), step(of: next, isWrite: true, b))
    }
  }

  /// The place of the micro-operation that accesses a version; nil if it is unknown.
  private func step(of version: Int, isWrite: Bool, _ transaction: Int) -> Int? {
    let accesses = index.accesses(of: transaction)
    let access = accesses.firstIndex { $0.version == version && $0.isWrite == isWrite }
    guard let access else { return nil }
    let place = access - accesses.startIndex
    // Of a transaction of unknown outcome the reads are not known.
    guard index.transactions[transaction].status == .observed else { return place }
    let writes = steps(of: transaction).enumerated().filter { !$0.element.hasPrefix("r ") }
    return place < writes.count ? writes[place].offset : nil
  }
}

// MARK: - Labels

extension TransactionExplainer.Dependency {
  fileprivate var relation: String {
    switch self {
    case .process: "process"
    case .realtime: "realtime"
    case .wr: "wr"
    case .ww: "ww"
    case .rw: "rw"
    }
  }
}

extension TransactionExplainer {
  private func label(_ dependency: Dependency) -> String {
    let isList = index.type == .list
    switch dependency {
    case .process(let process): return process.name
    case .realtime(let completion, let invocation):
      return "operation \(completion) before operation \(invocation)"
    case .wr(let version): return "\(key(version)): \(value(version)), then read"
    case .ww(let version, let next): return "\(key(version)): \(value(version)), then \(value(next))"
    case .rw(let version, let next):
      if index.versions[version].isInitial { return "\(key(version)): read before \(value(next))" }
      return "\(key(version)): read \(isList ? "up to " : "")\(value(version)), before \(value(next))"
    }
  }
}

extension String {
  /// The text, or its beginning and its end if it is long: the end of a list tells more than its middle.
  fileprivate var shortenedInTheMiddle: String {
    count <= 34 ? self : "\(prefix(10)) … \(suffix(20))"
  }
}
