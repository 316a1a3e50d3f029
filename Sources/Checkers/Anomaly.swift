import EddyHistory
public import EddyNode

/// One kind of violation: its name, how often it occurred, an explanation and a few examples.
///
/// Two thousand lost values are one anomaly with a count of 2,000, not two thousand anomalies.
public struct Anomaly: Sendable {
  /// One occurrence, with the entries of the history that prove it.
  public struct Example: Sendable {
    /// One or two sentences: what happened, to which value, observed by which operation.
    public var explanation: String
    /// Indices of the history's entries that prove it, the most relevant first.
    public var operations: [Int]
    /// The value concerned, if messages between nodes may carry it.
    public var value: RawJSON?
    /// Whether every earlier operation and fault is relevant, as for a counter's sum.
    public var concernsWholeRun = false
    /// Sentences about relevant faults and messages; see `Results.explained(by:)` of EddyReport.
    public var circumstances: [String] = []
    /// A picture of what happened; nil if there is none.
    public var figure: Figure?

    /// An occurrence in words.
    public init(_ explanation: String, operations: [Int], value: RawJSON? = nil) {
      self.explanation = explanation
      self.operations = operations
      self.value = value
    }

    /// The explanation and the circumstances, on one line.
    package var text: String { ([explanation] + circumstances).joined(separator: " ") }
  }

  /// A short name, such as `lost` or `duplicated`.
  public var name: String
  /// The number of occurrences.
  public var count: Int
  /// A sentence or two about all occurrences; the example's explanation if there is only one.
  public var explanation: String
  /// The first few occurrences, at least one.
  public var examples: [Example]

  /// An anomaly that occurred once.
  public init(_ name: String, _ explanation: String, operations: [Int]) {
    self.init(name, count: 1, explanation, examples: [Example(explanation, operations: operations)])
  }

  /// An anomaly that occurred `count` times. There is at least one example and at most `count`.
  public init(_ name: String, count: Int, _ explanation: String, examples: [Example]) {
    precondition(!examples.isEmpty && count >= examples.count, "an anomaly has 1 to count examples")
    self.name = name
    self.count = count
    self.explanation = explanation
    self.examples = examples
  }

  /// Indices of the history's entries that prove the first example.
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
  /// The maximum number of operations that an example cites: enough to show a pattern, few enough to read.
  static let operationLimit = 8
  /// The maximum number of examples of one anomaly.
  static let exampleLimit = 3

  /// One anomaly for these findings; an empty array if there are no findings.
  ///
  /// - Parameter diagnosis: The explanation of the anomaly if there is more than one finding.
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

  /// Whether the explanation only repeats that of the single example.
  package var isOneCase: Bool { examples.count == 1 && examples[0].explanation == explanation }

  /// The anomaly as lines for the console: the explanation, then the examples, indented.
  var lines: [String] {
    if isOneCase { return ["\(name): \(examples[0].text)"] }
    return ["\(name): \(explanation)"] + examples.map { "  \($0.text)" }
  }

  /// The count and the name, such as "1,990 lost".
  package var countedName: String { "\(count.grouped) \(name)" }
}
