/// Finds acknowledged appends that the longest list read afterwards lacks.
///
/// A read comes afterwards if it was invoked after the append's transaction had completed. An append that no
/// read could have shown is not lost. Keys whose lists contradict each other are left out.
struct LostAppends {
  private let lists: ListHistory
  private(set) var all: [DirectAnomalies.LostAppend] = []

  /// A version that a transaction read or appended.
  private struct Access {
    /// The index of the reader's invocation or the writer's completion.
    var entry: Int32
    var transaction: Int32
    var version: Int32
    /// The place of the version in the longest list; -1 for the initial one.
    var place: Int32
  }

  /// - Complexity: O(n log n) in the accesses of a key.
  init(_ lists: ListHistory) {
    self.lists = lists
    let index = lists.index
    var accesses: [(version: Int, transaction: Int)] = []
    var byKey: [(Int, Int)] = []
    for (id, transaction) in index.transactions.enumerated() where transaction.status == .committed {
      for access in index.accesses(of: id) {
        byKey.append((index.key(of: access.version) * 2 + (access.isWrite ? 1 : 0), accesses.count))
        accesses.append((access.version, id))
      }
    }
    let groups = Groups(count: index.keyCount * 2, byKey)
    for key in 0..<index.keyCount where lists.orders.isConsistent(key) {
      let reads = groups[key * 2].map { access(accesses[Int($0)], isWrite: false) }
      let appends = groups[key * 2 + 1].map { access(accesses[Int($0)], isWrite: true) }
      find(reads, appends)
    }
    all.sort { $0.version < $1.version }
  }

  private func access(_ access: (version: Int, transaction: Int), isWrite: Bool) -> Access {
    let transaction = lists.index.transactions[access.transaction]
    let place = lists.orders.place(of: access.version) ?? (isWrite ? Int(Int32.max) : -1)
    return Access(
      entry: isWrite ? transaction.operation : transaction.invocation,
      transaction: Int32(access.transaction), version: Int32(access.version), place: Int32(place))
  }

  /// Goes through the appends of a key from the last to the first, and keeps the longest of the reads that
  /// were invoked afterwards.
  private mutating func find(_ reads: [Access], _ appends: [Access]) {
    var pending = reads.sorted { $0.entry < $1.entry }[...]
    var longest: Access?
    for append in appends.sorted(by: { $0.entry > $1.entry }) {
      while let read = pending.last, read.entry > append.entry {
        pending.removeLast()
        if read.place >= longest?.place ?? -1 { longest = read }
      }
      guard let longest, longest.place < append.place else { continue }
      all.append(
        .init(
          version: Int(append.version), reader: Int(longest.transaction), longest: Int(longest.version)))
    }
  }
}
