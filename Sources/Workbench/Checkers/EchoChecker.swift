import Node

/// Demands that every echo comes back, and as it was sent.
///
/// An invocation's value is the payload sent, an `ok` completion's the payload received. They are
/// compared by what they mean: a node may write keys in another order or other escapes, but `1.0`
/// for `1` is a change. An echo that failed, or of which nobody knows, is an error too, as in
/// Maelstrom.
public struct EchoChecker: Checker {
  /// A checker of `echo` operations.
  public init() {}

  public func check(_ history: History) -> CheckResult {
    var changed: [Exchange] = []
    var unanswered: [Exchange] = []
    for sent in history.clientOperations where sent.kind == .invoke {
      let exchange = Exchange(sent: sent, end: history.completion(of: sent))
      if exchange.received == nil {
        unanswered.append(exchange)
      } else if exchange.isChanged {
        changed.append(exchange)
      }
    }
    let errors = (changed + unanswered).sorted { $0.sent.index < $1.sent.index }
    return CheckResult(
      errors.isEmpty ? .valid : .invalid, details: ["errors": .array(errors.map(\.json))],
      anomalies: Anomaly.each("changed", changed, explain: explainChanged)
        + Anomaly.each("unanswered", unanswered, explain: explainUnanswered))
  }

  private func explainChanged(_ exchange: Exchange) -> Anomaly {
    Anomaly(
      "changed",
      "The \(exchange.sent.sentence) came back as \(exchange.end?.shortValue ?? "nothing").",
      operations: exchange.operations)
  }

  private func explainUnanswered(_ exchange: Exchange) -> Anomaly {
    let outcome = exchange.end?.error.map { "failed: \($0)" } ?? "was never answered"
    return Anomaly(
      "unanswered", "The \(exchange.sent.sentence) \(outcome).", operations: exchange.operations)
  }
}

/// An echo's two halves.
private struct Exchange {
  var sent: Operation
  var end: Operation?

  /// The payload that came back; nil unless the echo succeeded.
  var received: RawJSON? { end?.kind == .ok ? end?.value ?? RawJSON(.null) : nil }

  var isChanged: Bool {
    let payload = sent.value ?? RawJSON(.null)
    guard let received, received != payload else { return false }
    return CanonicalJSON(received) != CanonicalJSON(payload)
  }

  var operations: [Int] { [sent.index] + (end.map { [$0.index] } ?? []) }

  var json: JSONValue {
    [
      "operation": JSONValue(sent.index),
      "expected": sent.value?.decoded() ?? .null,
      "received": received?.decoded() ?? .null,
      "error": end?.error.map { .string($0.description) } ?? .null,
    ]
  }
}
