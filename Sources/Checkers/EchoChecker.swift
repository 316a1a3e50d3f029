public import EddyHistory
import EddyNode

/// Demands that every echo returns the payload that was sent, and that no echo fails.
///
/// The value of an invocation is the payload sent, that of an `ok` completion the payload received. The
/// two are compared as `CanonicalJSON`: key order and escapes do not matter, but `1.0` for `1` is a
/// change. A definite error is an anomaly too. An echo whose outcome is unknown (timeout, indefinite
/// error, malformed reply) is not judged. The verdict is that of Maelstrom's `workload/echo.clj`.
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
        "changed", changed, "\(changed.count.grouped) echoes returned another payload than was sent.",
        explain: explainChanged)
        + Anomaly.group(
          "refused", refused, "\(refused.count.grouped) echoes failed with a definite error.",
          explain: explainRefused))
  }

  private func explainChanged(_ exchange: Exchange) -> Anomaly.Example {
    Anomaly.Example(
      "The \(exchange.sent.sentence) returned \(exchange.end.shortValue).",
      operations: exchange.operations)
  }

  private func explainRefused(_ exchange: Exchange) -> Anomaly.Example {
    Anomaly.Example(
      "The \(exchange.sent.sentence) failed\(exchange.end.error.map { ": \($0)" } ?? "").",
      operations: exchange.operations)
  }
}

/// The invocation and the completion of an echo.
private struct Exchange {
  var sent: Operation
  var end: Operation

  /// The payload received; nil unless the echo succeeded.
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
