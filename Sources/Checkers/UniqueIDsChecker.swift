public import EddyHistory
import EddyNode

/// Demands that no id is returned twice.
///
/// An id may be any JSON value. Ids are compared as `CanonicalJSON`: `"a"` and `"\u0061"` are one id,
/// `1` and `1.0` are two. Verdict and figures are those of Jepsen's `unique-ids`. O(n log n).
public struct UniqueIDsChecker: Checker {
  /// The function that requests an id.
  public var generate: String

  /// A checker for the ids that this function returns.
  public init(generate: String = "generate") { self.generate = generate }

  public func check(_ history: History) -> CheckResult {
    let operations = history.clientOperations.filter { $0.function == generate }
    let acknowledged = operations.filter { $0.kind == .ok }
    var completionsByID: [CanonicalJSON: [Operation]] = [:]
    for operation in acknowledged {
      completionsByID[CanonicalJSON(operation.id), default: []].append(operation)
    }

    let duplicates = completionsByID.filter { $0.value.count > 1 }.sorted { a, b in
      (b.value.count, a.key) < (a.value.count, b.key)
    }
    let range = [completionsByID.keys.min(), completionsByID.keys.max()].map { bound in
      bound.flatMap { completionsByID[$0]?.first?.id.decoded() } ?? .null
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
      "\(duplicates.count.grouped) ids were returned more than once, \(copies.grouped) times in total."
    ) { explain($0.value) }
    return CheckResult(anomalies.isEmpty ? .valid : .invalid, details: details, anomalies: anomalies)
  }

  private func explain(_ completions: [Operation]) -> Anomaly.Example {
    let shown = completions.prefix(Anomaly.operationLimit)
    let cited = shown.map(\.whereAndWhen).joined(separator: ", and ")
    let rest = completions.count > shown.count ? ", and \(completions.count - shown.count) times more" : ""
    return Anomaly.Example(
      "The id \(completions[0].shortValue) was returned \(completions.count) times: \(cited)\(rest).",
      operations: shown.map(\.index))
  }
}

extension Operation {
  fileprivate var id: RawJSON { value ?? RawJSON.null }
}
