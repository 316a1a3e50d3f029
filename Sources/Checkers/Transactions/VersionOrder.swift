/// The version order of each key: which versions precede which others.
struct VersionOrder {
  /// By version: the transactions that wrote a version directly after it, each once.
  private let groups: Groups
  /// Sets of versions that precede each other, which is a contradiction. Versions of these keys have no
  /// successors, except for the initial one.
  private(set) var cycles: [[Int]] = []

  /// The transactions that wrote a version directly after this one, each once.
  func successors(of version: Int) -> ArraySlice<Int32> { groups[version] }

  /// - Parameter pairs: Versions with their successors, no pair twice.
  init(versionCount: Int, _ pairs: [(Int, Int)], cycles: [[Int]] = []) {
    groups = Groups(count: versionCount, pairs)
    self.cycles = cycles
  }
}

// MARK: - Registers

extension VersionOrder {
  /// The order of the versions of registers.
  ///
  /// It rests on two assumptions, which Maelstrom makes too: the initial state precedes every other version,
  /// and writes follow reads, that is, a version that a transaction reads precedes the one it then writes.
  /// Elle considers only a transaction's first read and last write. Here all writes count, each after the
  /// reads before it. That reveals two transactions whose writes interleave, a G0 that Maelstrom does not
  /// find (its issue 56). An observed transaction of unknown outcome counts with its writes: their order is
  /// known, its reads are not.
  ///
  /// - Complexity: O(accesses), as long as transactions are short.
  init(registers history: TransactionHistory) {
    var versions = DependencyGraph(transactionCount: history.versions.count)
    var initial: [Int: Int] = [:]
    for (id, version) in history.versions.enumerated() where version.isInitial { initial[version.key] = id }
    var pairs: [(Int, Int)] = []
    for id in history.transactions.indices where history.hasTakenEffect(id) {
      let accesses = history.accesses(of: id)
      Self.order(accesses, history) { versions.link($0, $1, .ww) }
      for access in accesses where access.isWrite && access.isExternal {
        if let first = initial[history.key(of: access.version)] { pairs.append((first, id)) }
      }
    }
    versions.sortEdges()
    let cycles = Self.cycles(versions)
    let contradictory = Set(cycles.map { history.key(of: $0[0]) })
    for version in history.versions.indices where !contradictory.contains(history.key(of: version)) {
      var last: Int?
      for edge in versions.edges(from: version) {
        guard let writer = history.versions[edge.target].writer, writer != last else { continue }
        pairs.append((version, writer))
        last = writer
      }
    }
    self.init(versionCount: history.versions.count, pairs, cycles: cycles)
  }

  /// Calls `body` with each pair of an older version and a newer one that the accesses of a transaction
  /// imply.
  private static func order(
    _ accesses: ArraySlice<TransactionHistory.Access>, _ history: TransactionHistory,
    _ body: (_ older: Int, _ newer: Int) -> Void
  ) {
    for (index, write) in zip(accesses.indices, accesses) where write.isWrite {
      let key = history.key(of: write.version)
      for access in accesses[..<index].reversed() where history.key(of: access.version) == key {
        if !history.versions[access.version].isInitial { body(access.version, write.version) }
        if access.isWrite { break }  // That write follows all earlier accesses.
      }
    }
  }

  private static func cycles(_ versions: DependencyGraph) -> [[Int]] {
    let components = StronglyConnectedComponents(
      vertexCount: versions.vertexCount, edges: versions.edgeRange, target: { versions.edge($1).target })
    guard components.sizes.count < versions.vertexCount else { return [] }
    var members: [Int: [Int]] = [:]
    for (version, component) in components.numbers.enumerated() where components.sizes[component] > 1 {
      members[component, default: []].append(version)
    }
    return members.values.sorted { $0[0] < $1[0] }
  }
}
