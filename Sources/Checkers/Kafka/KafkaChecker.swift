public import EddyHistory
import EddyNode

/// Judges append-only logs: every message keeps its one offset, no message is lost, and every client polls
/// each log in order and without gaps.
///
/// The verdict is that of Jepsen's `tests/kafka.clj` as Maelstrom configures it, with two exceptions. A poll
/// of a message that no client sent makes the history invalid; Jepsen's analysis throws and the verdict is
/// unknown. A history without a send is unknown; in Jepsen it is valid. Polls need not return recent
/// messages, but every acknowledged message must have been polled by the end of the history.
///
/// - Complexity: O(n log n) in the size of the history, and the cost of `KafkaLag.worst`.
public struct KafkaChecker: Checker {
  public init() {}

  public func check(_ history: History) -> CheckResult {
    let analysis = KafkaAnalysis(KafkaHistory(history))
    let report = KafkaReport(analysis, history)
    let isValid = analysis.findings.allSatisfy { $0.kind.isAllowed }
    let isKnown = analysis.history.operations.contains { !$0.writes.isEmpty }
    return CheckResult(
      !isValid ? .invalid : isKnown ? .valid : .unknown, details: report.details,
      anomalies: report.anomalies, reason: "nothing was sent. Increase --rate or --time-limit.")
  }
}
