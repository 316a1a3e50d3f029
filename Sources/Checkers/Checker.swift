public import EddyHistory
public import EddyNode

/// What a checker thinks of a history.
public enum Validity: Sendable {
  /// Nothing is wrong.
  case valid
  /// Not enough happened to tell.
  case unknown
  /// Something happened that must not.
  case invalid

  /// The verdict of several checkers together: the worst of theirs.
  public static func merge(_ verdicts: [Validity]) -> Validity {
    verdicts.contains(.invalid) ? .invalid : verdicts.contains(.unknown) ? .unknown : .valid
  }

  /// As in Maelstrom's results: true, false or "unknown".
  public var json: JSONValue {
    switch self {
    case .valid: true
    case .invalid: false
    case .unknown: "unknown"
    }
  }
}

/// A checker's verdict with what it found.
public struct CheckResult: Sendable {
  /// The verdict.
  public var validity: Validity
  /// What goes into `results.json` beside `valid?`, under Maelstrom's names.
  public var details: JSONObject
  /// What is wrong; what may be the cause of others comes before them.
  public var anomalies: [Anomaly]
  /// Why nothing can be told, and what would help, in a sentence or two; nil unless the verdict is unknown.
  public var reason: String?

  /// A verdict with what led to it.
  public init(
    _ validity: Validity, details: JSONObject = [:], anomalies: [Anomaly] = [], reason: String? = nil
  ) {
    self.validity = validity
    self.details = details
    self.anomalies = anomalies
    self.reason = validity == .unknown ? reason : nil
  }

  /// The result as in `results.json`.
  public var json: JSONValue {
    var object = details
    if !anomalies.isEmpty { object["anomalies"] = .array(anomalies.map(\.json)) }
    object["reason"] = reason.map { .string($0) }
    object["valid?"] = validity.json
    return .object(object)
  }
}

/// Judges a history.
///
/// A checker is a pure function of the history: no clock, no randomness, no file.
public protocol Checker: Sendable {
  /// Judges a whole history.
  func check(_ history: History) -> CheckResult
}
