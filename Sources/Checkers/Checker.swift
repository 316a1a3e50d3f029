public import EddyHistory
public import EddyNode

/// A checker's verdict on a history.
public enum Validity: Sendable {
  /// No anomaly was found.
  case valid
  /// The history is too short to judge.
  case unknown
  /// At least one anomaly was found.
  case invalid

  /// The worst of several verdicts, in the order invalid, unknown, valid; valid if there are none.
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

/// A checker's verdict and its findings.
public struct CheckResult: Sendable {
  /// The verdict.
  public var validity: Validity
  /// The members of `results.json` beside `valid?`, under Maelstrom's names.
  public var details: JSONObject
  /// The anomalies found. One that may cause others comes before them.
  public var anomalies: [Anomaly]
  /// Why the verdict is unknown and what would help, in a sentence or two; nil for other verdicts.
  public var reason: String?

  /// A verdict with its findings. The reason is dropped unless the verdict is unknown.
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
/// A checker is a pure function of the history: it reads no clock, no randomness and no file.
public protocol Checker: Sendable {
  /// Judges a whole history.
  func check(_ history: History) -> CheckResult
}
