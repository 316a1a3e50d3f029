/// The version order of each key: which versions precede which others.
///
/// It rests on two assumptions, which Maelstrom makes too: the initial state precedes every other version,
/// and writes follow reads, that is, a version that a transaction reads precedes the one it then writes.
/// Elle considers only a transaction's first read and last write. Here all writes count, each after the
/// reads before it. That reveals two transactions whose writes interleave, a G0 that Maelstrom does not
/// find (its issue 56). An observed transaction of unknown outcome counts with its writes: their order is
/// known, its reads are not.
struct VersionOrder {
  /// By version: the transactions that wrote a version directly after it, each once. Empty for initial
  /// states, which precede all versions.
  private(set) var successors: [[Int]]
  /// Sets of versions that precede each other, which is a contradiction. Versions of these keys have no
  /// successors.
  private(set) var cycles: [[Int]] = []

  /// - Complexity: O(accesses), as long as transactions are short.
  init(_ history: RegisterHistory) {
    successors = Array(repeating: [], count: history.versions.count)
    var versions = DependencyGraph(transactionCount: history.versions.count)
    for (id, transaction) in history.transactions.enumerated() where history.hasTakenEffect(id) {
      Self.order(transaction.accesses, history) { versions.link($0, $1, .ww) }
    }
    versions.sortEdges()
    findCycles(versions, history)
    let contradictory = Set(cycles.map { history.key(of: $0[0]) })
    for version in history.versions.indices where !contradictory.contains(history.key(of: version)) {
      for edge in versions.edges(from: version) {
        guard let writer = history.versions[edge.target].writer else { continue }
        if successors[version].last != writer { successors[version].append(writer) }
      }
    }
  }

  /// Calls `body` with each pair of an older version and a newer one that the accesses of a transaction
  /// imply.
  private static func order(
    _ accesses: [RegisterHistory.Access], _ history: RegisterHistory,
    _ body: (_ older: Int, _ newer: Int) -> Void
  ) {
    for (index, write) in accesses.enumerated() where write.isWrite {
      let key = history.key(of: write.version)
      for access in accesses[..<index].reversed() where history.key(of: access.version) == key {
        if !history.versions[access.version].isInitial { body(access.version, write.version) }
        if access.isWrite { break }  // That write follows all earlier accesses.
      }
    }
  }

  private mutating func findCycles(_ versions: DependencyGraph, _ history: RegisterHistory) {
    let components = StronglyConnectedComponents(
      vertexCount: versions.vertexCount, edges: versions.edgeRange, target: { versions.edge($1).target })
    guard components.sizes.count < versions.vertexCount else { return }
    var members: [Int: [Int]] = [:]
    for (version, component) in components.numbers.enumerated() where components.sizes[component] > 1 {
      members[component, default: []].append(version)
    }
    cycles = members.values.sorted { $0[0] < $1[0] }
  }
}
