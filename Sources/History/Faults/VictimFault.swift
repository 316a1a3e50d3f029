package import EddyNode

/// The common part of faults of single nodes.
package protocol VictimFault: FaultRecord {
  /// The names of the nodes concerned.
  var victims: [String] { get set }
  init(victims: [String])

  /// The tint of a victim's lane.
  static var tint: FaultTint { get }
  /// The condition of a victim, such as `paused`.
  static var condition: String { get }
  /// The condition in a sentence in the past tense.
  static var pastCondition: String { get }
  /// The meaning of the tint, for a legend.
  static var legend: String { get }
}

extension VictimFault {
  package init(started value: JSONValue?) { self.init(victims: value.map(Self.victims) ?? []) }

  package mutating func take(outcome: Self) -> Bool {
    guard victims.isEmpty, !outcome.victims.isEmpty else { return false }
    victims = outcome.victims
    return true
  }

  /// The victims: a list in Eddy's histories, a map from nodes to outcomes in Jepsen's.
  private static func victims(in value: JSONValue) -> [String] {
    if case .object(let nodes) = value { nodes.keys } else { value.strings ?? [] }
  }

  package var startValue: JSONValue? { JSONValue(strings: victims) }
  package var stopValue: JSONValue? { JSONValue(strings: victims) }

  package static var pastCondition: String { condition }
  package var title: String { Self.name }
  package var label: String { ([title] + victims).joined(separator: " ") }

  package func scope(among nodes: [String]) -> String {
    victims.isEmpty ? "all" : victims.joined(separator: " ")
  }

  package func effect(on nodes: [String]) -> String? {
    let concerned = nodes.isEmpty ? victims : nodes.filter(victims.contains)
    guard !concerned.isEmpty else { return nil }
    return "\(concerned.enumerated(limit: 4)) \(concerned.count == 1 ? "was" : "were") \(Self.pastCondition)"
  }

  package func marks(among nodes: [String]) -> [FaultMark] {
    victims.map { FaultMark(node: $0, tint: Self.tint, text: "is \(Self.condition)") }
  }

  package func legend(among nodes: [String]) -> [FaultLegend] {
    [FaultLegend(tint: Self.tint, text: Self.legend)]
  }
}
