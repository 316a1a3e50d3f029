/// Which versions of a key must have come before which others.
///
/// Two things are taken for granted, as Maelstrom does: every version comes after the key's initial
/// state, and writes follow reads, that is, what a transaction reads and then writes is older than
/// what it writes. Elle looks at a transaction's first read and last write only. Here all of its
/// writes count, after whatever it read before each: only so can it be seen that two transactions
/// have written between one another's writes, which is a G0 that Maelstrom does not find
/// (its issue 56). A transaction of unknown outcome that has been observed counts with its writes: the
/// order among those is known, what it had read before them is not.
struct VersionOrder {
  /// By version the transactions that wrote another one after it, each once. Holds nothing for the
  /// initial states, which come before everything.
  private(set) var successors: [[Int]]
  /// Versions of which each comes before the other: a contradiction. None of these keys has
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

  /// Calls `body` with each version that one of these writes follows, and the one it writes.
  private static func order(
    _ accesses: [RegisterHistory.Access], _ history: RegisterHistory,
    _ body: (_ older: Int, _ newer: Int) -> Void
  ) {
    for (place, write) in accesses.enumerated() where write.isWrite {
      let key = history.key(of: write.version)
      for access in accesses[..<place].reversed() where history.key(of: access.version) == key {
        if !history.versions[access.version].isInitial { body(access.version, write.version) }
        if access.isWrite { break }  // What it read before that is older still.
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
