public import EddyHistory
import EddyNode

/// Lists the replies that clients could not decode; always valid.
///
/// Maelstrom's client throws at such a reply. Its results list the throws under `exceptions`: count,
/// class, and the first operation affected.
public struct MalformedRepliesChecker: Checker {
  /// The error names of such operations: Eddy's, and the one in histories that Maelstrom recorded.
  private static let classes: Set<String> = [OperationError.malformedReply, "indeterminate"]

  public init() {}

  public func check(_ history: History) -> CheckResult {
    var counts: [String: (count: Int, example: Operation)] = [:]
    for operation in history.clientOperations where operation.kind == .info {
      guard let name = operation.error?.name, Self.classes.contains(name) else { continue }
      counts[name, default: (0, operation)].count += 1
    }
    guard !counts.isEmpty else { return CheckResult(.valid) }
    let exceptions = counts.sorted { (-$0.value.count, $0.key) < (-$1.value.count, $1.key) }.map {
      name, found in
      JSONValue.object([
        "count": JSONValue(found.count), "class": .string(name),
        "example": RawJSON(encoding: found.example).decoded(),
      ])
    }
    return CheckResult(.valid, details: ["exceptions": .array(exceptions)])
  }

  /// A sentence with the number of malformed replies and the defect of the first; nil if there is none.
  ///
  /// Such replies do not make a run invalid; the sentence explains why operations are missing.
  static func remark(on history: History) -> String? {
    let ends = history.clientOperations.filter(\.isReplyMalformed)
    guard let first = ends.first else { return nil }
    let problem = first.error?.text.map { ": \($0.shortened(to: 200))" } ?? ""
    let (replies, requests) =
      ends.count == 1
      ? ("reply was malformed", "its request is") : ("replies were malformed", "their requests is")
    return "\(ends.count.grouped) \(replies), so the outcome of \(requests) unknown. "
      + "The first is the reply to the `\(first.function)` \(first.whereAndWhen)\(problem)."
  }
}
