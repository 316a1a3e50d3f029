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
  }

  /// Consecutive entries of one origin.
  struct Run: Equatable {
    var origin: Origin
    /// The number of the first of them.
    var first: Int
    var entries: [RawJSON]
  }

  /// The origins in the order in which this node learnt of them; elsewhere an origin is its
  /// place in here.
  private(set) var origins: [Origin] = []
  private var places: [Origin: Int] = [:]
  private let retention: Retention
  private var entries: [[RawJSON]] = []
  /// How many entries of each origin are here.
  private(set) var versions = VersionVector()

  init(retention: Retention = .all) { self.retention = retention }

  /// The local number of an origin, given out on first sight. O(1).
  mutating func place(of origin: Origin) -> Int {
    if let place = places[origin] { return place }
    places[origin] = origins.count
    origins.append(origin)
    entries.append([])
    return origins.count - 1
  }

  /// Appends an entry of this node's own. O(1) amortized.
  mutating func append(_ entry: RawJSON, origin: Int) { append([entry], origin: origin) }

  /// Adds what is new in a run. Returns the new entries that are kept, or nil if the run begins
  /// beyond what is here, so that entries between are missing.
  mutating func apply(_ run: Run) -> ArraySlice<RawJSON>? {
    let origin = place(of: run.origin)
    let known = versions[origin]
    if run.first > known {
      guard retention == .latest else { return nil }
      versions.raise(origin, to: run.first)
    }
    let new = run.entries.dropFirst(max(0, known - run.first))
    append(new, origin: origin)
    return retention == .all ? new : new.suffix(1)
  }

  private mutating func append(_ new: ArraySlice<RawJSON>, origin: Int) {
    guard let last = new.last else { return }
    if retention == .all { entries[origin] += new } else { entries[origin] = [last] }
    versions.raise(origin, to: versions[origin] + new.count)
  }

  /// The latest entry of an origin that has any.
  func latest(of place: Int) -> (Origin, first: Int, ArraySlice<RawJSON>) {
    (origins[place], versions[place] - 1, entries[place].suffix(1))
  }

  /// Calls `body` with every stretch of entries beyond `versions`, origin by origin. O(origins + entries).
  func forEachRun(beyond versions: VersionVector, _ body: (Origin, _ first: Int, ArraySlice<RawJSON>) -> Void)
  {
    for place in origins.indices where versions[place] < self.versions[place] {
      let forgotten = self.versions[place] - entries[place].count
      let first = max(versions[place], forgotten)
      body(origins[place], first, entries[place][(first - forgotten)...])
    }
  }
}
