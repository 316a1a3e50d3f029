public import EddyHistory
import EddyNode
import EddyTiming

/// Judges a set that can only grow: what was added must be there for good, once it is there.
///
/// Jepsen's `set-full`, with its definitions and figures. An element is
/// - *stable* if the latest-invoked read had it,
/// - *lost* if it was known to be in the set before the latest-invoked read that missed it, and no
///   later one had it,
/// - *never read* otherwise: nothing can be said of it.
///
/// Its stable latency is the time from when it was first known to the last invocation that missed
/// it, in whole milliseconds; elements for which that is above 0 are *stale*. Lost elements make the
/// history invalid; so do, unlike there, elements that come more than once in a read (its test for
/// that never holds) and elements that nobody had tried to add when they were read.
public struct SetFullChecker: Checker {
  /// The function that adds: `broadcast` or `add`.
  public var add: String
  /// The function that reads.
  public var read: String

  /// A checker of sets that these functions add to and read.
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
        ? "nothing was added. A higher --rate or --time-limit helps."
        : "no read showed anything that was added.")
  }
}

/// What is reported of a set's time lines.
struct SetFullReport {
  let timelines: SetTimelines
  let history: History
  private var stable: [Found] = []
  private(set) var lost: [Found] = []
  private var neverRead: [Found] = []

  /// An element with what became of it.
  struct Found {
    var id: Int
    /// The stable or the lost latency, in whole milliseconds.
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
    guard let known = element.known else { return neverRead.append(Found(id: id)) }
    if lastAbsent < lastPresent {
      stable.append(Found(id: id, latency: latency(from: known, to: element.lastAbsent)))
    } else if lastPresent < lastAbsent, known < lastAbsent {
      lost.append(Found(id: id, latency: latency(from: known, to: element.lastPresent)))
    } else {
      // A read concurrent with the add may have come before it: its miss means nothing.
      neverRead.append(Found(id: id))
    }
  }

  /// From an element's becoming known to just after the invocation of a read, or 0 if that came
  /// earlier or there is none.
  private func latency(from known: Int, to read: Int?) -> Int {
    guard let read else { return 0 }
    let since = history.operations[read].time - history.operations[known].time
    return max(0, since.nanoseconds + 1) / 1_000_000
  }

  /// Ids in the order of their values.
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

  /// The elements that took longest to become stable, with the entries of the history that show it.
  private func worst(_ stale: [Found]) -> JSONValue {
    // Of equal latencies the later in order come first, as in Jepsen.
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
