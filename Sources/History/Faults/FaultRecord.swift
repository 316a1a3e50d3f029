package import EddyNode

/// The record of a fault in a history, with its texts and its appearance in pictures.
///
/// A fault has two entries: one when it starts, one when it stops. ``FaultCodec`` writes and reads them.
package protocol FaultRecord: Sendable, Equatable {
  /// The name in `--nemesis`.
  static var name: String { get }
  /// The functions of the two entries, unique among the faults.
  static var functions: (start: String, stop: String) { get }

  /// The fault that an entry with this value starts. Fields that the value lacks stay empty.
  ///
  /// Jepsen's histories have two entries for one of Eddy's: the request and its outcome. Both are read by
  /// this initializer and combined by ``take(outcome:)``.
  init(started value: JSONValue?)
  /// Adds the fields of Jepsen's second entry that the first one lacks. Returns false, without a change, if
  /// there are none.
  mutating func take(outcome: Self) -> Bool
  /// The value of the start entry.
  var startValue: JSONValue? { get }
  /// The value of the stop entry.
  var stopValue: JSONValue? { get }
  /// The values of Jepsen's two start entries; nil if both are ``startValue``.
  var jepsenStart: (order: JSONValue, outcome: JSONValue)? { get }
  /// The value of Jepsen's second stop entry; nil if it is ``stopValue``.
  static var jepsenStop: JSONValue? { get }

  /// The name with its parameters, such as `partition (majority)`.
  var title: String { get }
  /// The title with the nodes concerned, if any; written on the fault's bar in a picture.
  var label: String { get }
  /// Whether it affects any node. A partition that separates no nodes does not.
  var isEffective: Bool { get }
  /// The nodes concerned, for a table cell.
  func scope(among nodes: [String]) -> String
  /// Additional lines for the tooltip of its bar; nil if there are none.
  func details(among nodes: [String]) -> String?
  /// The effect on the first of these nodes that it concerned, or on the cluster if `nodes` is empty, as the
  /// end of a sentence such as "From 1 s to 2 s n0 was paused". Nil if it had no effect on them.
  func effect(on nodes: [String]) -> String?
  /// The tints of nodes' lanes while it is in force.
  func marks(among nodes: [String]) -> [FaultMark]
  /// The meanings of its tints, for a legend.
  func legend(among nodes: [String]) -> [FaultLegend]
}

extension FaultRecord {
  package mutating func take(outcome: Self) -> Bool { false }

  /// Whether another entry belongs to this fault. If so, adds its fields.
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

/// A tint of a fault, in the order of legends.
package enum FaultTint: Hashable, Comparable, Sendable {
  /// A side of a partition, by its number.
  case side(Int)
  /// A node that does not hear all other nodes.
  case deaf
  /// A node that is down.
  case down
  /// A node that is paused.
  case paused
  /// The bar of any fault, beside the time axis.
  case bar
}

/// The tint of a node's lane.
package struct FaultMark: Equatable, Sendable {
  package var node: String
  package var tint: FaultTint
  /// The condition of the node, such as `is down`.
  package var text: String
}

/// The meaning of a tint.
package struct FaultLegend: Hashable, Sendable {
  package var tint: FaultTint
  package var text: String
}
