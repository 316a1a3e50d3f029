public import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming

extension Results {
  /// The same results, with circumstances added to each example of an anomaly: the faults in force, and the
  /// fate of the messages that carried a lost value.
  ///
  /// A checker knows only the history; this step adds the network. It does not change the verdict.
  ///
  /// - Complexity: O(length of the messages between nodes) if a value was lost, else O(length of the
  ///   history).
  public func explained(by recording: Recording) -> Results {
    guard !anomalies.isEmpty else { return self }
    let history = recording.history
    let faults = history.faults
    var deliveries = ValueDeliveries(recording)
    for example in anomalies.flatMap(\.examples) {
      if let scope = AnomalyScope(example, history) { deliveries.track(example.value, scope) }
    }
    deliveries.readMessages()
    return mapExamples { example in
      guard let scope = AnomalyScope(example, history) else { return example }
      var example = example
      example.circumstances = scope.sentences(on: faults) + deliveries.sentences(on: example.value)
      return example
    }
  }
}

/// The time and the nodes that an example of an anomaly concerns.
struct AnomalyScope {
  let span: ClosedRange<Instant>
  /// The distinct nodes of the operations, in the order of time; empty if the whole cluster is concerned.
  let nodes: [String]
  /// The node of the most relevant operation; for a lost value, the node whose read missed it.
  let reader: String?

  /// Nil if the example cites no entry of the history.
  init?(_ example: Anomaly.Example, _ history: History) {
    let indices = example.operations.filter(history.operations.indices.contains)
    let entries = indices.map { history.operations[$0] }
    let times = entries.flatMap { [$0.time, history.invocation(of: $0)?.time ?? $0.time] }
    guard let first = times.min(), let last = times.max() else { return nil }
    span = example.concernsWholeRun ? min(.zero, last)...last : first...last
    let inOrder = entries.sorted { $0.index < $1.index }.compactMap(\.node)
    nodes = example.concernsWholeRun ? [] : inOrder.uniqued()
    reader = entries[0].node
  }

  /// The maximum number of faults in sentences.
  private static let faultLimit = 3

  /// Sentences about the faults that were in force and concern the nodes.
  func sentences(on faults: [FaultInterval]) -> [String] {
    let sentences = faults.filter { $0.overlaps(span) }.compactMap { $0.sentence(concerning: nodes) }
    let rest = sentences.count - Self.faultLimit
    return sentences.prefix(Self.faultLimit) + (rest > 0 ? ["\(rest.counted("more fault")) followed."] : [])
  }
}

extension FaultInterval {
  /// A sentence about the fault's effect on the first of these nodes that it concerned, or on the cluster if
  /// `nodes` is empty; nil if it had none.
  func sentence(concerning nodes: [String]) -> String? {
    guard let what = record.effect(on: nodes) else { return nil }
    return "From \(start.seconds) to \(end.map(\.seconds) ?? "the end") \(what)."
  }
}
