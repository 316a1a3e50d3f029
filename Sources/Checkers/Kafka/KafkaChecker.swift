public import EddyHistory
import EddyNode

/// Judges append-only logs: every message stays at the one offset that it was given, none is lost, and
/// every client sees each log in order and without gaps.
///
/// The verdict is that of Jepsen's `tests/kafka.clj` as Maelstrom configures it, with one exception:
/// where a message was polled that nobody sent, its analysis breaks off and the verdict is unknown;
/// here it is invalid. There is no demand that polls be recent, only that what was acknowledged has
/// been polled by somebody in the end. A history in which nothing was sent is unknown, valid there.
public struct KafkaChecker: Checker {
  public init() {}

  public func check(_ history: History) -> CheckResult {
    let analysis = KafkaAnalysis(KafkaHistory(history))
    let report = KafkaReport(analysis, history)
    let isValid = analysis.findings.allSatisfy { $0.kind.isAllowed }
    let isKnown = analysis.history.steps.contains { !$0.writes.isEmpty }
    return CheckResult(
      !isValid ? .invalid : isKnown ? .valid : .unknown, details: report.details,
      anomalies: report.anomalies, reason: "nothing was sent. A higher --rate or --time-limit helps.")
  }
}
