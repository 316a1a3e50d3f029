import Node

/// Who appended an entry: a node in one of its lives.
///
/// A node that has been killed comes back with an empty log. Were it to number its entries
/// from 1 again under the same name, others would take them for those they know.
struct Origin: Hashable {
  /// The node's place in the cluster.
  var node: Int
  /// Drawn at random when the node starts.
  var incarnation: Int
}

/// Where an entry stands in a ``ReplicatedLog``.
struct EntryID: Hashable {
  /// The local number of its origin.
  var origin: Int
  /// Its number among that origin's entries.
  var number: Int
}

/// Entries of all origins, each origin's numbered from 0 and known without gaps.
///
/// Applying an entry twice is impossible, and what a node knows is a ``VersionVector``.
struct ReplicatedLog {
  /// What becomes of an origin's entries when it appends more.
  enum Retention: Sendable {
    /// They stay, for whoever comes back with nothing.
    case all
    /// The last one says all that those before it said: they are forgotten.
    case latest
    /// They stay until ``ReplicatedLog/forget(_:)`` is called, which tells that later ones, perhaps of
    /// other origins, leave nothing of them. Entries must not be JSON integers: among entries that are
    /// sent, such a number stands for so many that were forgotten.
    case untilForgotten
  }

  /// Consecutive entries of one origin.
  struct Run: Equatable {
    var origin: Origin
    /// The number of the first of them.
    var first: Int
    var entries: [RawJSON]
  }

  struct Entry: Equatable {
    var number: Int
    var value: RawJSON
  }

  /// Entry numbers stay below this, so that no run from elsewhere makes one overflow.
  static let numbers = 0..<(1 << 50)

  /// The origins in the order in which this node learnt of them; elsewhere an origin is its
  /// place in here.
  private(set) var origins: [Origin] = []
  private var places: [Origin: Int] = [:]
  private let retention: Retention
  /// What is kept of each origin, in order.
  private var entries: [[Entry]] = []
  /// The numbers of forgotten entries that still have to be removed.
  private var forgotten: [Set<Int>] = []
  /// How many entries of each origin are known here.
  private(set) var versions = VersionVector()

  init(retention: Retention = .all) { self.retention = retention }

  /// The local number of an origin, given out on first sight. O(1).
  mutating func place(of origin: Origin) -> Int {
    if let place = places[origin] { return place }
    places[origin] = origins.count
    origins.append(origin)
    entries.append([])
    forgotten.append([])
    return origins.count - 1
  }

  /// Appends an entry of this node's own. O(1) amortized.
  @discardableResult
  mutating func append(_ value: RawJSON, origin: Int) -> EntryID {
    let number = versions[origin]
    append([Entry(number: number, value: value)], origin: origin)
    versions.raise(origin, to: number + 1)
    return EntryID(origin: origin, number: number)
  }

  /// Adds what is new in a run. Returns the new entries that are kept, or nil if the run begins
  /// beyond what is here, so that entries between are missing.
  mutating func apply(_ run: Run) -> [Entry]? {
    let origin = place(of: run.origin)
    let known = versions[origin]
    guard run.first <= known || retention == .latest else { return nil }
    var new: [Entry] = []
    var number = run.first
    for value in run.entries {
      let gap = gap(value)
      if gap == nil, number >= known { new.append(Entry(number: number, value: value)) }
      number += gap ?? 1
      guard Self.numbers.contains(number) else { return nil }
    }
    if retention == .latest { new = new.suffix(1) }
    append(new, origin: origin)
    versions.raise(origin, to: number)
    return new
  }

  private mutating func append(_ new: [Entry], origin: Int) {
    if retention == .latest, !new.isEmpty { entries[origin] = [] }
    entries[origin] += new
  }

  /// How many forgotten entries an element of a run stands for; nil if it is an entry.
  private func gap(_ value: RawJSON) -> Int? {
    guard retention == .untilForgotten else { return nil }
    var reader = value.reader
    guard let count = try? reader.readInt() else { return nil }
    return Self.numbers.contains(count) ? count : Self.numbers.upperBound
  }

  /// Keeps and sends an entry no more. O(1) amortized.
  mutating func forget(_ id: EntryID) {
    forgotten[id.origin].insert(id.number)
    guard forgotten[id.origin].count > entries[id.origin].count / 2 else { return }
    let gone = forgotten[id.origin]
    entries[id.origin].removeAll { gone.contains($0.number) }
    forgotten[id.origin] = []
  }

  /// How many entries are in memory.
  var keptCount: Int { entries.reduce(0) { $0 + $1.count } }

  /// The number behind a run's last entry.
  func end(of run: Run) -> Int {
    guard retention == .untilForgotten else { return run.first + run.entries.count }
    return run.entries.reduce(run.first) { min($0 + (gap($1) ?? 1), Self.numbers.upperBound) }
  }

  /// The latest entry of an origin of which one is kept.
  func latest(of place: Int) -> Run {
    Run(origin: origins[place], first: versions[place] - 1, entries: entries[place].suffix(1).map(\.value))
  }

  /// Calls `body` with a run of what is beyond `versions`, origin by origin. O(origins + entries).
  func forEachRun(beyond versions: VersionVector, _ body: (Run) -> Void) {
    for place in origins.indices where versions[place] < self.versions[place] {
      body(run(of: place, from: versions[place]))
    }
  }

  private func run(of place: Int, from known: Int) -> Run {
    let start = entries[place].lastIndex { $0.number < known }.map { $0 + 1 } ?? 0
    let kept = entries[place][start...]
    guard retention == .untilForgotten else {
      // Those before the first that is kept are not missed.
      let first = kept.first?.number ?? known
      return Run(origin: origins[place], first: first, entries: kept.map(\.value))
    }
    var values: [RawJSON] = []
    var next = known
    for entry in kept where !forgotten[place].contains(entry.number) {
      if entry.number > next { values.append(RawJSON(entry.number - next)) }
      values.append(entry.value)
      next = entry.number + 1
    }
    if versions[place] > next { values.append(RawJSON(versions[place] - next)) }
    return Run(origin: origins[place], first: known, entries: values)
  }
}
