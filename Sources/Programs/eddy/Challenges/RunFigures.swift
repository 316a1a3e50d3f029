public import EddyCheckers
public import EddyNode

/// The figures of a run that challenges limit.
public struct RunFigures: Sendable {
  /// The verdict of all checkers; unknown if the run was not checked.
  public let validity: Validity
  private let values: [Challenge.Figure: Double]

  /// Reads the figures from results with Maelstrom's keys, written by Eddy or by Maelstrom. Figures that are
  /// missing there are missing here.
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

  /// A figure; nil if the run does not have it.
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
