public import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming

extension Results {
  /// The same results, with what the recording tells of each example of an anomaly: which faults were in
  /// force, and what became of the messages that carried a lost value.
  ///
  /// A checker knows only the history; this is the step that knows the network. It changes no verdict.
  ///
  /// - Complexity: O(length of the messages between nodes) if a value was lost, else O(history).
  public func explained(by recording: Recording) -> Results {
    guard !anomalies.isEmpty else { return self }
    let history = recording.history
    let faults = history.faults
    var trails = ValueTrails(recording)
    for example in anomalies.flatMap(\.examples) {
      if let scope = AnomalyScope(example, history) { trails.follow(example.value, scope) }
    }
    trails.read()
    return mapExamples { example in
      guard let scope = AnomalyScope(example, history) else { return example }
      var example = example
      example.circumstances = scope.sentences(on: faults) + trails.sentences(on: example.value)
      return example
    }
  }
}

/// The time and the nodes that an example of an anomaly is about.
struct AnomalyScope {
  let span: ClosedRange<Instant>
  /// The nodes of the operations in the order of time, so that the one where it began comes first; none
  /// if the whole cluster bears on it.
  let nodes: [String]
  /// The node of the most telling operation.
  let witness: String?

  /// Nil if the example cites no entry of the history.
  init?(_ example: Anomaly.Example, _ history: History) {
    let indices = example.operations.filter(history.operations.indices.contains)
    let entries = indices.map { history.operations[$0] }
    let times = entries.flatMap { [$0.time, history.invocation(of: $0)?.time ?? $0.time] }
    guard let first = times.min(), let last = times.max() else { return nil }
    span = example.concernsWholeRun ? min(.zero, last)...last : first...last
    let inOrder = entries.sorted { $0.index < $1.index }.compactMap(\.node)
    nodes = example.concernsWholeRun ? [] : inOrder.uniqued()
    witness = entries[0].node
  }

  /// How many faults are told.
  private static let faultLimit = 3

  /// The faults in force that concern these nodes.
  func sentences(on faults: [FaultInterval]) -> [String] {
    let sentences = faults.filter { $0.overlaps(span) }.compactMap { $0.sentence(concerning: nodes) }
    let rest = sentences.count - Self.faultLimit
    return sentences.prefix(Self.faultLimit) + (rest > 0 ? ["\(rest.counted("more fault")) followed."] : [])
  }
}

extension FaultInterval {
  /// What it did to the first of some nodes that it concerned, or to the cluster if none are named; nil if
  /// it did nothing to them.
  func sentence(concerning nodes: [String]) -> String? {
    guard let what = record.effect(on: nodes) else { return nil }
    return "From \(start.seconds) to \(end.map(\.seconds) ?? "the end") \(what)."
  }
}
