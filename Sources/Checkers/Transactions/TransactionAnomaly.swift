/// What can be wrong with transactions, under the names that Elle gives it.
enum TransactionAnomaly: Hashable, Comparable {
  /// Reads a value that nobody ever wrote.
  case garbageRead
  /// Two transactions each wrote a key after having read what the other wrote.
  case cyclicVersions
  /// Reads what it writes itself only later.
  case futureRead
  /// Reads of an aborted transaction.
  case g1a
  /// Reads what another transaction wrote and then overwrote itself.
  case g1b
  /// Does not read what it has read or written itself before.
  case `internal`
  /// Two transactions read the same version of a key and both wrote it.
  case lostUpdate
  case cycle(CycleKind, CycleOrder)

  var name: String {
    switch self {
    case .garbageRead: "garbage-read"
    case .cyclicVersions: "cyclic-versions"
    case .futureRead: "future-read"
    case .g1a: "G1a"
    case .g1b: "G1b"
    case .internal: "internal"
    case .lostUpdate: "lost-update"
    case .cycle(let kind, let order): kind.rawValue + order.suffix
    }
  }

  /// Whether a history with this anomaly also has the other, be it in the wider sense that a
  /// consistency model gives to the name.
  func implies(_ other: TransactionAnomaly) -> Bool {
    switch (self, other) {
    case (.cycle(let kind, let order), .cycle(let otherKind, let otherOrder)):
      kind.implies(otherKind) && order <= otherOrder
    case (.futureRead, .cycle): Self.cycle(.g1c, .data).implies(other)
    case (.lostUpdate, .cycle): Self.cycle(.g2Item, .data).implies(other)
    default: self == other
    }
  }
}

/// What a cycle of dependencies is made of, the worst first.
///
/// Adya, "Weak consistency: a generalized theory and optimistic implementations for distributed
/// transactions", 1999; for `G-nonadjacent` Cerone and Gotsman, "Analysing snapshot isolation", 2016.
enum CycleKind: String, Comparable, CaseIterable {
  /// Writes only.
  case g0 = "G0"
  /// Writes and at least one read of what was written.
  case g1c = "G1c"
  /// Exactly one anti-dependency: a read of what was then overwritten.
  case gSingleItem = "G-single-item"
  /// Several anti-dependencies, no two of them in a row.
  case gNonadjacentItem = "G-nonadjacent-item"
  /// Several anti-dependencies.
  case g2Item = "G2-item"

  private var rank: Int { Self.allCases.firstIndex(of: self)! }

  static func < (a: CycleKind, b: CycleKind) -> Bool { a.rank < b.rank }

  private var hasAntidependency: Bool { self >= .gSingleItem }

  /// Whether a cycle of this kind is also one of the other, which asks for less.
  func implies(_ other: CycleKind) -> Bool {
    hasAntidependency == other.hasAntidependency && self <= other
  }
}

/// The order that a cycle contradicts beside the one that data impose.
enum CycleOrder: Int, Comparable {
  /// None.
  case data
  /// That of each process, which does one thing after the other.
  case process
  /// Real time: what had completed before something else was invoked.
  case realtime

  static func < (a: CycleOrder, b: CycleOrder) -> Bool { a.rawValue < b.rawValue }

  var suffix: String {
    switch self {
    case .data: ""
    case .process: "-process"
    case .realtime: "-realtime"
    }
  }
}
