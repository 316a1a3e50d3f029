import EddyHistory
public import EddyNode

/// One kind of thing that must not happen: how often it did, what that means, and a few examples.
///
/// Two thousand lost values are one anomaly with a count of 2,000, and not two thousand anomalies.
public struct Anomaly: Sendable {
  /// One case of it, and the entries of the history that show it.
  public struct Example: Sendable {
    /// One or two sentences: what happened, to which value, seen by whom.
    public var explanation: String
    /// Indices of the history's entries that show it, the most telling first.
    public var operations: [Int]
    /// The value that it is about, where messages between nodes may carry that value.
    public var value: RawJSON?
    /// Whether all that happened before bears on it, as on a counter's sum.
    public var concernsWholeRun = false
    /// Sentences on the faults and the messages that bear on it; see `Results.explained(by:)`.
    public var circumstances: [String] = []

    /// A case in words.
    public init(_ explanation: String, operations: [Int], value: RawJSON? = nil) {
      self.explanation = explanation
      self.operations = operations
      self.value = value
    }

    /// The case and all that is known of it, on one line.
    package var text: String { ([explanation] + circumstances).joined(separator: " ") }
  }

  /// A short name, such as `lost` or `duplicated`.
  public var name: String
  /// How often it happened.
  public var count: Int
  /// What happened to all of them, in a sentence or two; the example's explanation if there is but one.
  public var explanation: String
  /// The first few cases, at least one.
  public var examples: [Example]

  /// What happened once.
  public init(_ name: String, _ explanation: String, operations: [Int]) {
    self.init(name, count: 1, explanation, examples: [Example(explanation, operations: operations)])
  }

  /// What happened `count` times.
  public init(_ name: String, count: Int, _ explanation: String, examples: [Example]) {
    precondition(!examples.isEmpty && count >= examples.count, "an anomaly has an example")
    self.name = name
    self.count = count
    self.explanation = explanation
    self.examples = examples
  }

  /// The entries of the history that show the first example.
  public var operations: [Int] { examples[0].operations }

  /// The anomaly as in `results.json`.
  public var json: JSONValue {
    [
      "name": .string(name), "count": JSONValue(count), "explanation": .string(explanation),
      "operations": Self.json(operations), "examples": .array(examples.map(Self.json)),
    ]
  }

  private static func json(_ example: Example) -> JSONValue {
    var object: JSONObject = [
      "explanation": .string(example.explanation), "operations": json(example.operations),
    ]
    if !example.circumstances.isEmpty {
      object["circumstances"] = .array(example.circumstances.map { .string($0) })
    }
    return .object(object)
  }

  private static func json(_ operations: [Int]) -> JSONValue {
    .array(operations.map { JSONValue($0) })
  }
}

extension Anomaly {
  /// How many operations an example cites at most: enough to see a pattern, few enough to be read.
  static let operationLimit = 8
  /// How many cases of one anomaly are told.
  static let exampleLimit = 3

  /// The anomaly of these findings; none if there are no findings.
  ///
  /// - Parameter diagnosis: What is to be said of all of them, where there is more than one.
  static func group<Finding>(
    _ name: String, _ findings: [Finding], _ diagnosis: @autoclosure () -> String,
    explain: (Finding) -> Example
  ) -> [Anomaly] {
    guard !findings.isEmpty else { return [] }
    let examples = findings.prefix(exampleLimit).map(explain)
    return [
      Anomaly(
        name, count: findings.count, findings.count == 1 ? examples[0].explanation : diagnosis(),
        examples: examples)
    ]
  }

  /// Whether the only example says all that there is to say.
  package var isOneCase: Bool { examples.count == 1 && examples[0].explanation == explanation }

  /// The anomaly as lines for the console: what happened, and below it the cases.
  var lines: [String] {
    if isOneCase { return ["\(name): \(examples[0].text)"] }
    return ["\(name): \(explanation)"] + examples.map { "  \($0.text)" }
  }

  /// Such as "1,990 lost".
  package var countedName: String { "\(count.grouped) \(name)" }
}
