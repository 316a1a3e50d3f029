public import EddyHistory
import EddyNode
package import EddyTiming

/// Demands that every node answers every function at least once, within a bound after all faults healed.
///
/// The demand is an entry of the nemesis, made by `demand`. A history without one is not
/// judged. Safety checkers alone do not suffice: nodes that never answer violate no safety property.
/// The idea is TigerBeetle's simulator's, which ends each run with all faults healed and demands progress.
public struct LivenessChecker {
  /// The function of the entry.
  static let function = "liveness"

  /// A checker.
  public init() {}

  /// An entry that demands answers from its time on.
  package static func demand(
    _ functions: some Sequence<String>, of nodes: [String], within bound: Duration, at time: Instant
  ) -> Operation {
    let value: JSONValue = [
      "bound": JSONValue(bound.milliseconds / 1000), "nodes": .array(nodes.map { .string($0) }),
      "functions": .array(functions.map { .string($0) }),
    ]
    return Operation(
      time: time, process: .nemesis, kind: .info, function: function, value: RawJSON(encoding: value))
  }

  /// Judges a history; returns nil if it has no demand.
  ///
  /// - Complexity: O(n) in the operations.
  public func check(_ history: History) -> CheckResult? {
    guard let entry = history.operations.last(where: { !$0.isClient && $0.function == Self.function }),
      let demand = Demand(entry)
    else { return nil }
    let attempts = attempts(in: history, demand)
    let unanswered = demand.questions.filter { attempts[$0]?.isAnswered != true }
    let slowest = attempts.values.compactMap(\.answered).max()
    var details: JSONObject = [
      "bound": JSONValue(demand.bound.milliseconds / 1000), "unanswered": JSONValue(unanswered.count),
    ]
    details["slowest-answer"] = slowest.map { JSONValue(($0 - demand.start).milliseconds) }
    let anomalies = Anomaly.group("unresponsive", unanswered, diagnose(unanswered, demand)) {
      explain($0, attempts[$0] ?? Attempts(), demand)
    }
    return CheckResult(unanswered.isEmpty ? .valid : .invalid, details: details, anomalies: anomalies)
  }

  private func attempts(in history: History, _ demand: Demand) -> [Question: Attempts] {
    var attempts: [Question: Attempts] = [:]
    for operation in history.clientOperations where operation.kind != .invoke && !operation.isFinal {
      guard let node = operation.node, let invocation = history.invocation(of: operation),
        invocation.index > demand.index, !invocation.isFinal
      else { continue }
      let question = Question(node: node, function: operation.function)
      attempts[question, default: Attempts()].add(operation, deadline: demand.start + demand.bound)
    }
    return attempts
  }

  private func explain(_ question: Question, _ attempts: Attempts, _ demand: Demand) -> Anomaly.Example {
    Anomaly.Example(
      "\(question.node) answered no `\(question.function)` \(demand.period): \(attempts.summary).",
      operations: attempts.operations)
  }

  /// One sentence about all unanswered questions.
  private func diagnose(_ unanswered: [Question], _ demand: Demand) -> String {
    let nodes = unanswered.map(\.node).uniqued().enumerated(limit: 4)
    let functions = unanswered.map { "`\($0.function)`" }.uniqued().enumerated(limit: 8)
    return "\(nodes) left requests unanswered \(demand.period): \(functions)."
  }
}

/// A function asked of a node.
private struct Question: Hashable {
  var node: String
  var function: String
}

/// The demand of a history, read from its entry.
private struct Demand {
  var index: Int
  package var start: Instant
  var bound: Duration
  /// Each node with each function, ordered by node.
  var questions: [Question]

  /// The demanded period in words.
  var period: String {
    let seconds = Double(bound.nanoseconds) / 1e9
    let number = seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
    return "within \(number) s after all faults had healed"
  }

  init?(_ entry: Operation) {
    guard let value = entry.value?.decoded(), let seconds = value["bound"]?.seconds, seconds > 0,
      seconds < 1e9,
      case .array(let nodes)? = value["nodes"], case .array(let functions)? = value["functions"]
    else { return nil }
    index = entry.index
    start = entry.time
    bound = .nanoseconds(Int(seconds * 1e9))
    questions = nodes.flatMap { node in
      functions.compactMap { function in
        guard case .string(let node) = node, case .string(let function) = function else { return nil }
        return Question(node: node, function: function)
      }
    }
  }
}

/// The completions of one function on one node, by outcome.
private struct Attempts {
  /// The time of the first `ok` completion before the deadline.
  private(set) var answered: Instant?
  /// The first attempts without success, at most ``Anomaly/operationLimit``.
  private(set) var operations: [Int] = []
  private var timedOut = 0
  private var late = 0
  private var failed = 0
  private var reason: String?

  var isAnswered: Bool { answered != nil }

  mutating func add(_ completion: Operation, deadline: Instant) {
    guard answered == nil else { return }
    switch completion.kind {
    case .ok where completion.time <= deadline: answered = completion.time
    case .ok: late += 1
    case _ where completion.error?.name == "net-timeout": timedOut += 1
    default:
      failed += 1
      reason = completion.error?.description
    }
    if operations.count < Anomaly.operationLimit { operations.append(completion.index) }
  }

  /// Such as "3 attempts timed out", or "1 attempt timed out, 2 failed, the last because of abort".
  var summary: String {
    let parts = [
      (timedOut, "timed out"), (failed, "failed" + (reason.map { ", the last because of \($0)" } ?? "")),
      (late, "came too late"),
    ].filter { $0.0 > 0 }
    guard let first = parts.first else { return "no client sent it a request" }
    let head = "\(first.0) attempt\(first.0 == 1 ? "" : "s") \(first.1)"
    return ([head] + parts.dropFirst().map { "\($0.0) \($0.1)" }).joined(separator: ", ")
  }
}

extension JSONValue {
  fileprivate var seconds: Double? {
    switch self {
    case .double(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }
}
