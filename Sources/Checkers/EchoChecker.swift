public import EddyHistory
import EddyNode

/// Demands that what comes back from an echo is what was sent, and that no echo fails.
///
/// An invocation's value is the payload sent, an `ok` completion's the payload received. They are
/// compared by what they mean: a node may write keys in another order or other escapes, but `1.0`
/// for `1` is a change. An echo that was refused with a definite error is an error too. One of which
/// nobody knows the outcome (no reply in time, an indefinite error, a malformed reply) claims nothing.
/// The verdict is that of Maelstrom's `workload/echo.clj`.
public struct EchoChecker: Checker {
  /// A checker of `echo` operations.
  public init() {}

  public func check(_ history: History) -> CheckResult {
    let exchanges = history.clientOperations.filter { $0.kind == .invoke }.compactMap { sent in
      history.completion(of: sent).map { Exchange(sent: sent, end: $0) }
    }
    let changed = exchanges.filter(\.isChanged)
    let refused = exchanges.filter { $0.end.kind == .fail }
    let errors = (changed + refused).sorted { $0.sent.index < $1.sent.index }
    return CheckResult(
      errors.isEmpty ? .valid : .invalid, details: ["errors": .array(errors.map(\.json))],
      anomalies: Anomaly.group(
        "changed", changed, "\(changed.count.grouped) echoes came back as something else than was sent.",
        explain: explainChanged)
        + Anomaly.group(
          "refused", refused, "\(refused.count.grouped) echoes were answered with an error.",
          explain: explainRefused))
  }

  private func explainChanged(_ exchange: Exchange) -> Anomaly.Example {
    Anomaly.Example(
      "The \(exchange.sent.sentence) came back as \(exchange.end.shortValue).",
      operations: exchange.operations)
  }

  private func explainRefused(_ exchange: Exchange) -> Anomaly.Example {
    Anomaly.Example(
      "The \(exchange.sent.sentence) failed\(exchange.end.error.map { ": \($0)" } ?? "").",
      operations: exchange.operations)
  }
}

/// An echo's two halves.
private struct Exchange {
  var sent: Operation
  var end: Operation

  /// The payload that came back; nil unless the echo succeeded.
  var received: RawJSON? { end.kind == .ok ? end.value ?? RawJSON.null : nil }

  var isChanged: Bool {
    let payload = sent.value ?? RawJSON.null
    guard let received, received != payload else { return false }
    return CanonicalJSON(received) != CanonicalJSON(payload)
  }

  var operations: [Int] { [sent.index, end.index] }

  package var json: JSONValue {
    [
      "operation": JSONValue(sent.index),
      "expected": sent.value?.decoded() ?? .null,
      "received": received?.decoded() ?? .null,
      "error": end.error.map { .string($0.description) } ?? .null,
    ]
  }
}
