import EddyNode

/// The place of an entry in a ``ReplicatedLog``.
struct EntryID: Hashable {
  /// The local index of its origin.
  var origin: Int
  /// Its number among that origin's entries.
  var number: Int
}

/// Entries of all origins, each origin's numbered from 0 and known without gaps.
///
/// Applying an entry twice is impossible, and what a node knows is a ``VersionVector``. An entry that later ones,
/// perhaps of other origins, supersede can be forgotten (``forget(_:)``). So can an origin: if its node has been
/// started again and all its entries are forgotten, it is not offered any more, and its local index can be given
/// to another origin (``removeSuperseded(where:)``). Memory grows with what is kept, not with time.
struct ReplicatedLog {
  /// Consecutive entries of one origin, or the number of consecutive entries that were forgotten.
  struct Run: Equatable {
    enum Content: Equatable {
      case entries([RawJSON])
      /// So many entries that were forgotten.
      case forgotten(Int)

      var count: Int {
        switch self {
        case .entries(let entries): entries.count
        case .forgotten(let count): count
        }
      }
    }

    var origin: Origin
    /// The number of the first.
    var first: Int
    var content: Content

    /// The number after the last. Numbers stay below ``ReplicatedLog/numbers``, so it does not overflow.
    var end: Int { first + content.count }

    var isForgotten: Bool { if case .forgotten = content { true } else { false } }
  }

  struct Entry: Equatable {
    var number: Int
    var value: RawJSON
  }

  /// Entry numbers and the lengths of runs stay below this, so that no sum of two overflows.
  static let numbers = 0..<(1 << 50)

  /// What is known of one origin.
  private struct OriginLog {
    let origin: Origin
    /// The entries that are kept, by number.
    var entries: [Entry] = []
    /// The numbers of entries that were forgotten and are still in `entries`.
    var forgotten: Set<Int> = []
    /// Whether a later incarnation of its node is known.
    var isSuperseded = false

    var isEmpty: Bool { entries.count == forgotten.count }
  }

  /// By local index; nil for an index that is free.
  private var logs: [OriginLog?] = []
  private var free: [Int] = []
  private var indices: [Origin: Int] = [:]
  /// The latest incarnation known of each node.
  private var latestIncarnations: [Int: Int] = [:]
  /// The origins of earlier incarnations, ascending.
  private var superseded: [Int] = []

  /// How many entries of each origin are known here.
  private(set) var versions = VersionVector()
  /// The same without origins that are superseded and empty: what others may lack.
  private(set) var offered = VersionVector()
}

// MARK: - Origins

extension ReplicatedLog {
  /// The local index of an origin, which gets one if it has none. O(1), and O(origins) when a node has a new
  /// incarnation.
  mutating func index(of origin: Origin) -> Int {
    if let index = indices[origin] { return index }
    let index = free.popLast() ?? logs.count
    if index == logs.count { logs.append(nil) }
    logs[index] = OriginLog(origin: origin)
    indices[origin] = index
    let latest = latestIncarnations[origin.node] ?? -1
    if origin.incarnation < latest {
      supersede(index)
    } else {
      latestIncarnations[origin.node] = origin.incarnation
      if let former = indices[Origin(node: origin.node, incarnation: latest)], former != index {
        supersede(former)
      }
    }
    return index
  }

  private mutating func supersede(_ index: Int) {
    superseded.insert(index, at: superseded.firstIndex { $0 > index } ?? superseded.count)
    logs[index]?.isSuperseded = true
    updateOffer(of: index)
  }

  func origin(at index: Int) -> Origin {
    guard let log = logs[index] else { preconditionFailure("no origin has the index \(index)") }
    return log.origin
  }

  /// The latest incarnation of a node that was heard of; nil if none was.
  func latestIncarnation(of node: Int) -> Int? { latestIncarnations[node] }

  /// The origins that a complete message names: those that are offered, and the latest incarnation of each node,
  /// so that all learn which origins are superseded. Local indices, ascending. O(origins).
  var named: [Int] {
    logs.indices.filter { index in
      guard let log = logs[index] else { return false }
      return offered[index] > 0 || latestIncarnations[log.origin.node] == log.origin.incarnation
    }
  }

  /// How many origins have a local index.
  var originCount: Int { indices.count }

  /// The origins that have a local index, in the order of these.
  var origins: [Origin] { logs.compactMap { $0?.origin } }

  /// The local index of an origin; nil if it has none.
  func existingIndex(of origin: Origin) -> Int? { indices[origin] }

  /// How many entries of an origin are known here; nil if it has no local index. O(1).
  func count(from origin: Origin) -> Int? { indices[origin].map { versions[$0] } }

  /// Frees the local indices of origins that are superseded, empty and unused. Returns these indices.
  /// O(superseded origins).
  mutating func removeSuperseded(where isUnused: (Int) -> Bool) -> [Int] {
    let removed = superseded.filter { logs[$0]?.isEmpty == true && isUnused($0) }
    guard !removed.isEmpty else { return [] }
    superseded.removeAll(where: removed.contains)
    for index in removed {
      indices[origin(at: index)] = nil
      logs[index] = nil
      versions.reset(index)
      free.append(index)
    }
    return removed
  }

  private mutating func updateOffer(of index: Int) {
    if let log = logs[index], log.isSuperseded, log.isEmpty {
      offered.reset(index)
    } else {
      offered.raise(index, to: versions[index])
    }
  }
}

// MARK: - Entries

extension ReplicatedLog {
  /// Appends an entry of this node's own. O(1) amortized.
  @discardableResult
  mutating func append(_ value: RawJSON, origin: Int) -> EntryID {
    let number = versions[origin]
    logs[origin]?.entries.append(Entry(number: number, value: value))
    versions.raise(origin, to: number + 1)
    updateOffer(of: origin)
    return EntryID(origin: origin, number: number)
  }

  /// What has become of a run.
  enum Applied: Equatable {
    /// These entries are new; perhaps none.
    case new([Entry])
    /// Entries before the run are missing here: it was not applied.
    case gap
  }

  /// Adds what is new in a run.
  mutating func apply(_ run: Run) -> Applied {
    let index = index(of: run.origin)
    let known = versions[index]
    guard run.first <= known, Self.numbers.contains(run.end) else { return .gap }
    guard run.end > known else { return .new([]) }
    var new: [Entry] = []
    if case .entries(let values) = run.content {
      new = zip(known..., values.dropFirst(known - run.first)).map { Entry(number: $0, value: $1) }
    }
    logs[index]?.entries += new
    versions.raise(index, to: run.end)
    updateOffer(of: index)
    return .new(new)
  }

  /// Stops keeping and sending an entry. O(1) amortized.
  mutating func forget(_ id: EntryID) {
    guard var log = logs[id.origin].take() else { preconditionFailure("an entry has an origin") }
    log.forgotten.insert(id.number)
    if log.forgotten.count > log.entries.count / 2 {
      log.entries.removeAll { log.forgotten.contains($0.number) }
      log.forgotten = []
    }
    logs[id.origin] = log
    updateOffer(of: id.origin)
  }

  /// How many entries are in memory.
  var keptCount: Int { logs.reduce(0) { $0 + ($1?.entries.count ?? 0) } }
}

// MARK: - What others lack

extension ReplicatedLog {
  /// The latest entry of an origin, if it is kept.
  func latest(of index: Int) -> Run? {
    guard let log = logs[index], let entry = log.entries.last, entry.number == versions[index] - 1 else {
      return nil
    }
    return Run(origin: log.origin, first: entry.number, content: .entries([entry.value]))
  }

  /// The offered entries that `known` lacks, origin by origin, by number. O(origins + entries).
  func runs(beyond known: VersionVector) -> [Run] {
    logs.indices.flatMap { known[$0] < offered[$0] ? runs(of: $0, from: known[$0]) : [] }
  }

  private func runs(of index: Int, from known: Int) -> [Run] {
    guard let log = logs[index] else { return [] }
    var runs: [Run] = []
    var (first, values): (Int, [RawJSON]) = (known, [])
    func add(_ content: Run.Content, at first: Int) {
      if content.count > 0 { runs.append(Run(origin: log.origin, first: first, content: content)) }
    }
    let start = log.entries.lastIndex { $0.number < known }.map { $0 + 1 } ?? 0
    for entry in log.entries[start...] where !log.forgotten.contains(entry.number) {
      let next = first + values.count
      if entry.number > next {
        add(.entries(values), at: first)
        add(.forgotten(entry.number - next), at: next)
        (first, values) = (entry.number, [])
      }
      values.append(entry.value)
    }
    add(.entries(values), at: first)
    add(.forgotten(versions[index] - first - values.count), at: first + values.count)
    return runs
  }
}
