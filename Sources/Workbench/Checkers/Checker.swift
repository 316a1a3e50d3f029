public import Node

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
  /// What is wrong, in sentences for a person, worst first.
  public var anomalies: [Anomaly]

  /// A verdict with what led to it.
  public init(_ validity: Validity, details: JSONObject = [:], anomalies: [Anomaly] = []) {
    self.validity = validity
    self.details = details
    self.anomalies = anomalies
  }

  /// The result as in `results.json`.
  public var json: JSONValue {
    var object = details
    if !anomalies.isEmpty { object["anomalies"] = .array(anomalies.map(\.json)) }
    object["valid?"] = validity.json
    return .object(object)
  }
}

/// Something that must not happen, and the operations that show it.
public struct Anomaly: Sendable {
  /// A short name, such as `lost` or `duplicated`.
  public var name: String
  /// One or two sentences: what happened, to which value, seen by whom.
  public var explanation: String
  /// Indices of the history's entries that show it, the most telling first.
  public var operations: [Int]

  /// Something wrong, in words.
  public init(_ name: String, _ explanation: String, operations: [Int]) {
    self.name = name
    self.explanation = explanation
    self.operations = operations
  }

  /// The anomaly as in `results.json`.
  public var json: JSONValue {
    [
      "name": .string(name), "explanation": .string(explanation),
      "operations": .array(operations.map { JSONValue($0) }),
    ]
  }
}

/// Judges a history.
///
/// A checker is a pure function of the history: no clock, no randomness, no file.
public protocol Checker: Sendable {
  /// Judges a whole history.
  func check(_ history: History) -> CheckResult
}
