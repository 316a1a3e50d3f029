package import EddyNode

/// The common part of faults that affect each message between nodes with the same probability.
package protocol RandomMessageFault: FaultRecord {
  /// The probability, rounded to whole percent; nil if the history lacks it.
  var percentage: Int? { get }
  init(percentage: Int?)

  /// The effect on such messages, such as `lost`.
  static var consequence: String { get }
}

extension RandomMessageFault {
  /// A fault with this probability, rounded to whole percent.
  package init(probability: Double) { self.init(percentage: Int((probability * 100).rounded())) }

  private static var unit: String { " %" }

  package init(started value: JSONValue?) {
    guard case .string(let text)? = value, text.hasSuffix(Self.unit) else {
      self.init(percentage: nil)
      return
    }
    self.init(percentage: Int(text.dropLast(Self.unit.count)))
  }

  package var startValue: JSONValue? { percentage.map { .string("\($0)\(Self.unit)") } }

  package var title: String {
    percentage.map { "\(Self.name) \($0)\(Self.unit)" } ?? Self.name
  }

  package func effect(on nodes: [String]) -> String? {
    "messages between nodes were \(Self.consequence) at random (\(label))"
  }

  package func legend(among nodes: [String]) -> [FaultLegend] {
    [FaultLegend(tint: .bar, text: "messages lost or duplicated at random")]
  }
}
