public import EddyCheckers
public import EddyNode

/// What a run came to, in the figures that challenges set limits to.
public struct RunFigures: Sendable {
  /// The verdict of all checkers; unknown for a run that was not judged.
  public let validity: Validity
  private let values: [Challenge.Figure: Double]

  /// The figures of results with Maelstrom's keys, be they Eddy's or Maelstrom's own. What is missing
  /// there is missing here.
  public init(results: JSONValue) {
    validity =
      switch results["valid?"] {
      case .bool(true): .valid
      case .bool(false): .invalid
      default: .unknown
      }
    let latencies = results["workload"]?["stable-latencies"]
    let found: [(Challenge.Figure, JSONValue?)] = [
      (.messagesPerOperation, results["net"]?["servers"]?["msgs-per-op"]),
      (.medianLatency, latencies?["0.5"]), (.longestLatency, latencies?["1"]),
      (.okFraction, results["availability"]?["ok-fraction"]),
    ]
    values = found.reduce(into: [:]) { values, found in values[found.0] = found.1?.number }
  }

  /// A figure, if the run has it.
  public subscript(figure: Challenge.Figure) -> Double? { values[figure] }
}

extension JSONValue {
  fileprivate var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .double(let double): double
    default: nil
    }
  }
}
