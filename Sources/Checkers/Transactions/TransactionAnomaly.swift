/// The kinds of anomalies of transactions, with Elle's names as far as Elle has them.
enum TransactionAnomaly: Hashable, Comparable {
  /// A transaction read a value that no transaction wrote, or an element that none appended.
  case garbageRead
  /// A list has an element more than once, although it was appended once.
  case duplicateElements
  /// Two lists of a key were read of which neither is the beginning of the other, or one that has the appends
  /// of a transaction in another order than that of the transaction.
  case incompatibleOrder
  /// The inferred order of a key's versions has a cycle.
  case cyclicVersions
  /// A transaction read its own later write.
  case futureRead
  /// Dirty update: a committed transaction appended to a list with an element of an aborted one.
  case dirtyUpdate
  /// Aborted read: a transaction read a write of an aborted one.
  case g1a
  /// Intermediate read: a transaction read a version that its writer overwrote in the same transaction.
  case g1b
  /// A read disagrees with the transaction's own previous read or write of the key.
  case `internal`
  /// The longest list that was read after an append was acknowledged lacks the element.
  case lostAppend
  /// Two transactions read the same version of a key and both wrote the key.
  case lostUpdate
  /// A cycle of dependencies.
  case cycle(CycleKind, CycleOrder)

  var name: String {
    switch self {
    case .garbageRead: "garbage-read"
    case .duplicateElements: "duplicate-elements"
    case .incompatibleOrder: "incompatible-order"
    case .cyclicVersions: "cyclic-versions"
    case .futureRead: "future-read"
    case .dirtyUpdate: "dirty-update"
    case .g1a: "G1a"
    case .g1b: "G1b"
    case .internal: "internal"
    case .lostAppend: "lost-append"
    case .lostUpdate: "lost-update"
    case .cycle(let kind, let order): kind.rawValue + order.suffix
    }
  }

  /// Whether a history with this anomaly also violates every model that forbids the other.
  func implies(_ other: TransactionAnomaly) -> Bool {
    switch (self, other) {
    case (.cycle(let kind, let order), .cycle(let otherKind, let otherOrder)):
      kind.implies(otherKind) && order <= otherOrder
    case (.incompatibleOrder, .g1a), (.dirtyUpdate, .g1a): true
    // The reader missed an append that was acknowledged before.
    case (.lostAppend, .cycle): Self.cycle(.gSingleItem, .realtime).implies(other)
    case (.futureRead, .cycle): Self.cycle(.g1c, .data).implies(other)
    case (.lostUpdate, .cycle): Self.cycle(.g2Item, .data).implies(other)
    default: self == other
    }
  }
}

/// The kinds of dependency cycles, the strongest first.
///
/// Adya, "Weak consistency: a generalized theory and optimistic implementations for distributed
/// transactions", 1999; for `G-nonadjacent` Cerone and Gotsman, "Analysing snapshot isolation", 2016.
enum CycleKind: String, Comparable, CaseIterable {
  /// Write dependencies only.
  case g0 = "G0"
  /// Write dependencies and at least one read dependency.
  case g1c = "G1c"
  /// Exactly one anti-dependency.
  case gSingleItem = "G-single-item"
  /// Several anti-dependencies, no two of them adjacent.
  case gNonadjacentItem = "G-nonadjacent-item"
  /// Several anti-dependencies.
  case g2Item = "G2-item"

  private var rank: Int {
    switch self {
    case .g0: 0
    case .g1c: 1
    case .gSingleItem: 2
    case .gNonadjacentItem: 3
    case .g2Item: 4
    }
  }

  static func < (a: CycleKind, b: CycleKind) -> Bool { a.rank < b.rank }

  private var hasAntidependency: Bool { self >= .gSingleItem }

  /// Whether every cycle of this kind is also one of the other, weaker kind.
  func implies(_ other: CycleKind) -> Bool {
    hasAntidependency == other.hasAntidependency && self <= other
  }
}

/// The order that a cycle may use in addition to data dependencies.
enum CycleOrder: Int, Comparable {
  /// Data dependencies only.
  case data
  /// The order of each process's transactions.
  case process
  /// Real time: completion before invocation.
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
