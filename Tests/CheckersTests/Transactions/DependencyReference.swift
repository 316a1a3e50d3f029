import EddyHistory

/// The definitions of cycles, word by word and in cubic time: for a handful of transactions.
///
/// Transactions are written as in ``txn(_:_:by:_:)``. Of those of unknown outcome only the writes are known,
/// and only those count that were read by a committed one.
struct DependencyReference {
  typealias Matrix = [[Bool]]

  private let count: Int
  var ww: Matrix
  var wr: Matrix
  var rw: Matrix
  private var process: Matrix
  private var realtime: Matrix

  /// The orders of processes and of time among transactions that have taken effect, without dependencies.
  init(ordersOf transactions: [Txn]) {
    count = transactions.count
    let none = Matrix(repeating: Array(repeating: false, count: count), count: count)
    (ww, wr, rw, process, realtime) = (none, none, none, none, none)
    for a in 0..<count {
      for b in 0..<count where a != b {
        let (first, second) = (transactions[a], transactions[b])
        // Nobody knows when one of unknown outcome took effect, but for that it had begun.
        realtime[a][b] =
          first.outcome == .ok && first.milliseconds.upperBound <= second.milliseconds.lowerBound
        process[a][b] = first.process != nil && first.process == second.process && realtime[a][b]
      }
    }
  }

  /// The dependencies of transactions over registers, none of which has failed.
  ///
  /// - Parameter infersCommits: Whether a transaction of unknown outcome has committed if it was read.
  init(_ all: [Txn], infersCommits: Bool = true) {
    let transactions = Self.committed(all, infersCommits)
    self.init(ordersOf: transactions)
    let accesses = transactions.map(\.accesses)
    for a in 0..<count {
      for b in 0..<count where a != b {
        wr[a][b] = !finalWrites(accesses[a]).isDisjoint(with: externalReads(accesses[b]))
        let overwritten = overwritten(by: accesses[b])
        ww[a][b] = accesses[a].contains { $0.isWrite && overwritten.contains($0.version) }
        rw[a][b] = externalReads(accesses[a]).contains { read in
          read.value == "_"
            ? accesses[b].contains { $0.isWrite && $0.version.key == read.key }
            : overwritten.contains(read) && !isIntermediate(read, accesses)
        }
      }
    }
  }

  /// The transactions that committed, without the reads that nobody knows.
  private static func committed(_ all: [Txn], _ infersCommits: Bool) -> [Txn] {
    let known = all.filter { $0.outcome == .ok }
    let read = Set(known.flatMap { $0.accesses.filter { !$0.isWrite }.map(\.version) })
    return all.compactMap { transaction in
      if transaction.outcome == .ok { return transaction }
      var observed = transaction
      let writes = transaction.steps.split(separator: " ").filter { $0.first == "w" }
      observed.steps = writes.joined(separator: " ")
      let isRead = observed.accesses.contains { read.contains($0.version) }
      return infersCommits && isRead ? observed : nil
    }
  }

  /// The models that no cycle breaks.
  var hasCycle: [String: Bool] {
    var found: [String: Bool] = [:]
    for (suffix, extra) in [("", nil), ("-process", process), ("-realtime", realtime)] {
      let writes = union(ww, extra)
      let information = union(writes, wr)
      found["G0" + suffix] = isCyclic(ww, writes)
      found["G1c" + suffix] = isCyclic(union(ww, wr), information)
      found["G-single-item" + suffix] = isCyclic(rw, information)
      let closed = closure(union(information, composed(information, rw)))
      found["G-nonadjacent-item" + suffix] = (0..<count).contains { closed[$0][$0] }
      found["G2-item" + suffix] = isCyclic(rw, union(information, rw))
    }
    return found
  }
}

extension Txn {
  fileprivate var accesses: [DependencyReference.Access] {
    steps.split(separator: " ").map(DependencyReference.Access.init)
  }
}

extension DependencyReference {
  fileprivate struct Version: Hashable {
    var key: Character
    var value: String
  }

  fileprivate struct Access {
    var isWrite: Bool
    var version: Version

    init(_ step: Substring) {
      isWrite = step.first == "w"
      version = Version(key: step.dropFirst().first!, value: String(step.dropFirst(2)))
    }
  }

  private func finalWrites(_ accesses: [Access]) -> Set<Version> {
    Set(
      accesses.indices.compactMap { place in
        let (access, rest) = (accesses[place], accesses[(place + 1)...])
        let isFinal = access.isWrite && !rest.contains { $0.isWrite && $0.version.key == access.version.key }
        return isFinal ? access.version : nil
      })
  }

  private func externalReads(_ accesses: [Access]) -> Set<Version> {
    Set(
      accesses.indices.compactMap { place in
        let access = accesses[place]
        let isFirst = !accesses[..<place].contains { $0.version.key == access.version.key }
        return !access.isWrite && isFirst ? access.version : nil
      })
  }

  /// What a transaction read of others before it wrote the same key.
  private func overwritten(by accesses: [Access]) -> Set<Version> {
    var versions: Set<Version> = []
    for (place, write) in accesses.enumerated() where write.isWrite {
      versions.formUnion(accesses[..<place].map(\.version).filter { $0.key == write.version.key })
    }
    return versions.subtracting(accesses.filter(\.isWrite).map(\.version))
  }

  private func isIntermediate(_ version: Version, _ accesses: [[Access]]) -> Bool {
    accesses.contains { accesses in
      accesses.contains { $0.isWrite && $0.version == version } && !finalWrites(accesses).contains(version)
    }
  }

  /// Whether one of `first` is closed to a cycle by others of `rest`.
  private func isCyclic(_ first: Matrix, _ rest: Matrix) -> Bool {
    let closed = closure(rest)
    return (0..<count).contains { a in (0..<count).contains { b in first[a][b] && closed[b][a] } }
  }

  private func union(_ a: Matrix, _ b: Matrix?) -> Matrix {
    guard let b else { return a }
    return zip(a, b).map { zip($0, $1).map { $0 || $1 } }
  }

  private func composed(_ a: Matrix, _ b: Matrix) -> Matrix {
    a.indices.map { i in a.indices.map { j in a.indices.contains { a[i][$0] && b[$0][j] } } }
  }

  private func closure(_ matrix: Matrix) -> Matrix {
    var closed = matrix
    for k in closed.indices {
      for i in closed.indices where closed[i][k] {
        for j in closed.indices where closed[k][j] { closed[i][j] = true }
      }
    }
    return closed
  }
}
