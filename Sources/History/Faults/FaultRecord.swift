package import EddyNode

/// One fault as the nemesis writes it into a history, and what is said and drawn of it.
///
/// A fault has two entries: one when it starts, one when it stops. ``FaultCodec`` writes and reads them.
package protocol FaultRecord: Sendable, Equatable {
  /// The name in `--nemesis`.
  static var name: String { get }
  /// The functions of the two entries. No other fault has them.
  static var functions: (start: String, stop: String) { get }

  /// The fault that an entry starts. What the value does not say stays empty.
  ///
  /// Histories of Jepsen have two entries for each of ours: what was ordered, and what came of it. Both are
  /// read by this; ``take(outcome:)`` makes one of them.
  init(started value: JSONValue?)
  /// Takes from the second of Jepsen's entries, which says something else than the first, what that left
  /// open; false, without a change, if it left nothing open or the second does not tell it.
  mutating func take(outcome: Self) -> Bool
  /// The value of the entry at its start.
  var startValue: JSONValue? { get }
  /// The value of the entry at its end.
  var stopValue: JSONValue? { get }
  /// The values of Jepsen's two entries at its start; nil if both are our own.
  var jepsenStart: (order: JSONValue, outcome: JSONValue)? { get }
  /// What Jepsen's second entry says at its end; nil if the value is our own.
  static var jepsenStop: JSONValue? { get }

  /// What it is, such as `partition (majority)`.
  var title: String { get }
  /// The same with the nodes, if it is about some: what stands on its bar in a picture.
  var label: String { get }
  /// False if no node noticed it, as a partition that cuts nobody off.
  var isEffective: Bool { get }
  /// Whom it is about, for a cell of a table.
  func scope(among nodes: [String]) -> String
  /// More lines for the tooltip of its bar; nil if the label says all.
  func details(among nodes: [String]) -> String?
  /// What it did to the first of some nodes that it concerned, or to the cluster if none are named: the
  /// end of a sentence such as "From 1 s to 2 s n0 was paused". Nil if it did nothing to them.
  func effect(on nodes: [String]) -> String?
  /// The nodes whose lanes are tinted while it is in force.
  func marks(among nodes: [String]) -> [FaultMark]
  /// What a legend says of its tints.
  func legend(among nodes: [String]) -> [FaultLegend]
}

extension FaultRecord {
  package mutating func take(outcome: Self) -> Bool { false }

  /// Whether another entry is about this same fault; if so, takes what it tells beyond the first.
  package mutating func absorb(_ second: any FaultRecord) -> Bool {
    guard let second = second as? Self else { return false }
    return second == self || take(outcome: second)
  }

  package var stopValue: JSONValue? { nil }
  package var jepsenStart: (order: JSONValue, outcome: JSONValue)? { nil }
  package static var jepsenStop: JSONValue? { nil }
  package var label: String { title }
  package var isEffective: Bool { true }
  package func scope(among nodes: [String]) -> String { "all" }
  package func details(among nodes: [String]) -> String? { nil }
  package func marks(among nodes: [String]) -> [FaultMark] { [] }
}

/// How something is coloured that a fault is about, in the order of legends.
package enum FaultTint: Hashable, Comparable, Sendable {
  /// One of the sides of a partition, by its number.
  case side(Int)
  /// A node that does not hear all others.
  case deaf
  /// A node that is down.
  case down
  /// A node that stands still.
  case paused
  /// The bar of any fault, beside the axis of time.
  case bar
}

/// A node that a fault is about.
package struct FaultMark: Equatable, Sendable {
  package var node: String
  package var tint: FaultTint
  /// What is the matter with the node, such as `is down`.
  package var text: String
}

/// What a tint means.
package struct FaultLegend: Hashable, Sendable {
  package var tint: FaultTint
  package var text: String
}
