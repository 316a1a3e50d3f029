public import EddyHistory
import EddyNode
import EddyTiming

/// Judges a grow-only set: an element that was added or read once must stay in the set.
///
/// Definitions and figures are those of Jepsen's `set-full`. An element is
/// - *stable* if the latest-invoked read returned it,
/// - *lost* if it was known to be in the set before the latest-invoked read that missed it, and no
///   later-invoked read returned it,
/// - *never read* otherwise: it is not judged.
///
/// The stable latency is the time from when an element was first known to the last invocation of a read
/// that missed it, in whole milliseconds. Elements with a stable latency above 0 are *stale*. Lost elements
/// make the history invalid. Unlike in Jepsen's checker, so do elements that a read returned more than
/// once (Jepsen's test for that never holds) and elements read before any add of them was invoked.
public struct SetFullChecker: Checker {
  /// The function that adds, such as `broadcast` or `add`.
  public var add: String
  /// The function that reads.
  public var read: String

  /// A checker for sets with these functions.
  public init(add: String, read: String = "read") {
    self.add = add
    self.read = read
  }

  public func check(_ history: History) -> CheckResult {
    let report = SetFullReport(SetTimelines(history, add: add, read: read), history)
    let anomalies = report.anomalies
    return CheckResult(
      !anomalies.isEmpty ? .invalid : report.hasStable ? .valid : .unknown, details: report.details,
      anomalies: anomalies,
      reason: report.timelines.elements.isEmpty
        ? "nothing was added. Increase --rate or --time-limit."
        : "no read returned an element that was added. Increase --time-limit.")
  }
}

/// Classifies the elements of a set, and reports them as details and anomalies.
struct SetFullReport {
  let timelines: SetTimelines
  let history: History
  private var stable: [ClassifiedElement] = []
  private(set) var lost: [ClassifiedElement] = []
  private var neverRead: [ClassifiedElement] = []

  /// An element and its latency.
  struct ClassifiedElement {
    var id: Int
    /// The stable or lost latency, in whole milliseconds; 0 for an element that was never read.
    package var latency: Int = 0
  }

  init(_ timelines: SetTimelines, _ history: History) {
    self.timelines = timelines
    self.history = history
    for id in sorted(timelines.elements.indices) { classify(id) }
  }

  private mutating func classify(_ id: Int) {
    let element = timelines.elements[id]
    let lastPresent = element.lastPresent ?? -1
    let lastAbsent = element.lastAbsent ?? -1
    guard let known = element.known else { return neverRead.append(ClassifiedElement(id: id)) }
    if lastAbsent < lastPresent {
      stable.append(ClassifiedElement(id: id, latency: latency(from: known, to: element.lastAbsent)))
    } else if lastPresent < lastAbsent, known < lastAbsent {
      lost.append(ClassifiedElement(id: id, latency: latency(from: known, to: element.lastPresent)))
    } else {
      // A read concurrent with the add may take effect before it, so its miss proves nothing.
      neverRead.append(ClassifiedElement(id: id))
    }
  }

  /// The time from when an element became known to just after the invocation of a read, in whole
  /// milliseconds; 0 if there is no read or it was invoked earlier.
  private func latency(from known: Int, to read: Int?) -> Int {
    guard let read else { return 0 }
    let since = history.operations[read].time - history.operations[known].time
    return max(0, since.nanoseconds + 1) / 1_000_000
  }

  /// The ids, ordered by their values.
  func sorted(_ ids: some Sequence<Int>) -> [Int] {
    ids.sorted { timelines.interner.canonical[$0] < timelines.interner.canonical[$1] }
  }

  var hasStable: Bool { !stable.isEmpty }
}

// MARK: - Details

extension SetFullReport {
  var details: JSONObject {
    let stale = stable.filter { $0.latency > 0 }
    let duplicated = sorted(timelines.duplicates.keys)
    let unexpected = sorted(timelines.unexpected.keys)
    var details: JSONObject = [
      "attempt-count": JSONValue(timelines.elements.count),
      "stable-count": JSONValue(stable.count),
      "lost-count": JSONValue(lost.count),
      "lost": values(lost.map(\.id)),
      "never-read-count": JSONValue(neverRead.count),
      "never-read": values(neverRead.map(\.id)),
      "stale-count": JSONValue(stale.count),
      "stale": values(stale.map(\.id)),
      "worst-stale": worst(stale),
      "duplicated-count": JSONValue(duplicated.count),
      "duplicated": .array(
        duplicated.map { ["element": value($0), "copies": JSONValue(timelines.duplicates[$0]?.copies ?? 0)] }),
      "unexpected-count": JSONValue(unexpected.count),
      "unexpected": values(unexpected),
    ]
    details["stable-latencies"] = Quantiles(stable.map(\.latency))?.json { .integer($0) }
    details["connected-latencies"] = timelines.connectedLatencies.quantiles(of: stable.map(\.id))
    details["lost-latencies"] = Quantiles(lost.map(\.latency))?.json { .integer($0) }
    return details
  }

  private func value(_ id: Int) -> JSONValue { timelines.interner.values[id].decoded() }

  private func values(_ ids: [Int]) -> JSONValue { .array(ids.map(value)) }

  /// The elements with the greatest stable latency, with the entries of the history that prove it.
  private func worst(_ stale: [ClassifiedElement]) -> JSONValue {
    // Of equal latencies the later elements come first, as in Jepsen.
    let worst = stale.enumerated().sorted {
      ($0.element.latency, $0.offset) > ($1.element.latency, $1.offset)
    }
    return .array(
      worst.prefix(8).map { _, found in
        let element = timelines.elements[found.id]
        return [
          "element": value(found.id),
          "stable-latency": .integer(found.latency),
          "known": element.known.map { JSONValue($0) } ?? .null,
          "last-absent": element.lastAbsent.map { JSONValue($0) } ?? .null,
        ]
      })
  }
}
