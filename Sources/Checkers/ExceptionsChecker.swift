public import EddyHistory
import EddyNode

/// Lists the replies that clients could not make sense of; always valid.
///
/// Maelstrom's client throws at such a reply, and its results list what was thrown under `exceptions`:
/// how often, of which class, and the first operation that it ended.
public struct ExceptionsChecker: Checker {
  /// The errors of such operations: ours, and the one in histories that Maelstrom recorded.
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

  /// How many replies were malformed, and what was wrong with the first, in a sentence; nil if none was.
  ///
  /// No such reply makes a run invalid, and without this nobody would know why operations are missing.
  static func remark(on history: History) -> String? {
    let ends = history.clientOperations.filter(\.isReplyMalformed)
    guard let first = ends.first else { return nil }
    let problem = first.error?.text.map { ": \($0)" } ?? ""
    return "\(ends.count.grouped) \(ends.count == 1 ? "reply was" : "replies were") malformed, "
      + "so nobody knows whether the request was carried out. "
      + "The first is that to the `\(first.function)` \(first.whereAndWhen)\(problem)."
  }
}
