public import EddyHistory
import EddyNode

/// Demands that no id is given out twice.
///
/// Ids may be any JSON value and are the same if they mean the same: `"a"` and `"\u0061"` are one
/// id, `1` and `1.0` are two. Jepsen's `unique-ids`, with its figures.
public struct UniqueIDsChecker: Checker {
  /// The function that asks for an id.
  public var generate: String

  /// A checker of the ids that this function returns.
  public init(generate: String = "generate") { self.generate = generate }

  public func check(_ history: History) -> CheckResult {
    let operations = history.clientOperations.filter { $0.function == generate }
    let acknowledged = operations.filter { $0.kind == .ok }
    var takers: [CanonicalJSON: [Operation]] = [:]
    for operation in acknowledged { takers[CanonicalJSON(operation.id), default: []].append(operation) }

    let duplicates = takers.filter { $0.value.count > 1 }.sorted { a, b in
      (b.value.count, a.key) < (a.value.count, b.key)
    }
    let range = [takers.keys.min(), takers.keys.max()].map { bound in
      bound.flatMap { takers[$0]?.first?.id.decoded() } ?? .null
    }
    let details: JSONObject = [
      "attempted-count": JSONValue(operations.count { $0.kind == .invoke }),
      "acknowledged-count": JSONValue(acknowledged.count),
      "duplicated-count": JSONValue(duplicates.count),
      "duplicated": .array(
        duplicates.prefix(48).map { ["id": $0.value[0].id.decoded(), "count": JSONValue($0.value.count)] }),
      "range": .array(range),
    ]
    let copies = duplicates.map { $0.value.count }.reduce(0, +)
    let anomalies = Anomaly.group(
      "duplicated", duplicates,
      "\(duplicates.count.grouped) ids were given out more than once, \(copies.grouped) times in all."
    ) { explain($0.value) }
    return CheckResult(anomalies.isEmpty ? .valid : .invalid, details: details, anomalies: anomalies)
  }

  private func explain(_ takers: [Operation]) -> Anomaly.Example {
    let cited = takers.prefix(Anomaly.operationLimit)
    let places = cited.map(\.whereAndWhen).joined(separator: ", and ")
    let rest = takers.count > cited.count ? ", and \(takers.count - cited.count) times more" : ""
    return Anomaly.Example(
      "The id \(takers[0].shortValue) was given out \(takers.count) times: \(places)\(rest).",
      operations: cited.map(\.index))
  }
}

extension Operation {
  fileprivate var id: RawJSON { value ?? RawJSON.null }
}
