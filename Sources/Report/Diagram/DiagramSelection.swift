import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// What of a trace a diagram shows, and what it leaves out.
struct DiagramSelection {
  /// Indices of the messages drawn, in the order of sending.
  private(set) var messages: [Int] = []
  /// The invocations drawn, by their index in the history.
  private(set) var operations: [Int] = []
  /// The log lines drawn, by their index in the trace's events.
  private(set) var marks: [Int] = []
  /// The lanes drawn, from left to right.
  private(set) var lanes: [Int] = []
  /// From the first to the last thing drawn, or what was asked for.
  private(set) var window: ClosedRange<Instant> = .zero ... .zero
  private(set) var omissions: [LamportDiagram.Omission] = []

  /// Whether the limit has ended the picture before the time that was asked for.
  private var isCut = false
  private let trace: Trace
  private let filter: DiagramFilter

  init(_ trace: Trace, _ filter: DiagramFilter) {
    self.trace = trace
    self.filter = filter
    let candidates = matchingMessages()
    let cone = filter.around.isEmpty ? nil : CausalCone(trace, around: filter.around)
    messages = cone.map { nearest(candidates, in: $0) } ?? first(candidates)
    window = findWindow()
    operations = findOperations(cone)
    marks = findMarks(cone)
    lanes = findLanes()
  }
}

// MARK: - Messages

extension DiagramSelection {
  /// The messages that time, nodes and types admit.
  private mutating func matchingMessages() -> [Int] {
    var (kept, outside, elsewhere, otherType) = ([Int](), 0, 0, 0)
    for index in trace.recording.messages.indices {
      let message = trace.recording.messages[index]
      let end = (message.received + message.dropped.map(\.time)).max() ?? message.sent
      if end < earliest || message.sent > latest || isSetup(index) {
        outside += 1
      } else if !admits(trace.links[index].from) || !admits(trace.links[index].to) {
        elsewhere += 1
      } else if !filter.types.isEmpty, !filter.types.contains(message.type) {
        otherType += 1
      } else {
        kept.append(index)
      }
    }
    if filter.from == nil, filter.to == nil {
      omit(outside, .message, "before operations began")
    } else {
      omit(outside, .message, "outside of the chosen time")
    }
    omit(elsewhere, .message, "from or to nodes that were not chosen")
    omit(otherType, .message, "of types that were not chosen")
    return kept
  }

  /// Setup is left out unless asked for: it is the same in every run. A run that never got beyond it
  /// is shown from its beginning.
  private var earliest: Instant {
    filter.from ?? (trace.recording.history.operations.isEmpty ? Instant(nanoseconds: .min) : .zero)
  }

  /// In virtual time setup may take no time at all, and end when operations begin.
  private func isSetup(_ index: Int) -> Bool {
    let (link, message) = (trace.links[index], trace.recording.messages[index])
    return filter.from == nil && !trace.recording.history.operations.isEmpty && message.sent <= .zero
      && (trace.lanes[link.from].role == .setup || trace.lanes[link.to].role == .setup)
  }

  private var latest: Instant { filter.to ?? Instant(nanoseconds: .max) }

  private func admits(_ lane: Int) -> Bool {
    guard !filter.nodes.isEmpty, let node = trace.lanes[lane].node else { return true }
    return filter.nodes.contains(node)
  }

  /// The first messages, as many as may be drawn.
  private mutating func first(_ candidates: [Int]) -> [Int] {
    let kept = Array(candidates.prefix(filter.limit))
    let rest = candidates.count - kept.count
    if let next = candidates.dropFirst(kept.count).first {
      isCut = true
      omit(
        rest, .message,
        "sent from \(trace.recording.messages[next].sent.clock) on, since \(filter.limit.grouped) are drawn at most"
      )
    }
    return kept
  }

  /// Of the past of each operation the last messages, of its future the first.
  private mutating func nearest(_ candidates: [Int], in cone: CausalCone) -> [Int] {
    let past = candidates.filter { cone.hasInPast($0, trace) }
    let future = candidates.filter { cone.hasInFuture($0, trace) }
    let all = Set(past).union(future)
    omit(
      candidates.count - all.count, .message, "neither in the causal past nor in the future of what is shown"
    )
    guard all.count > filter.limit else { return all.sorted() }
    // What one side leaves of its half goes to the other.
    let half = filter.limit / 2
    let pastShare = max(half, filter.limit - future.count)
    var kept = Set(past.sorted { cone.pastRank($0, trace) > cone.pastRank($1, trace) }.prefix(pastShare))
    kept.formUnion(future.filter { !kept.contains($0) }.prefix(filter.limit - kept.count))
    omit(
      all.count - kept.count, .message,
      "further back in the causal past or further on in the future, since \(filter.limit.grouped) are drawn at most"
    )
    return kept.sorted()
  }

  private mutating func omit(_ count: Int, _ subject: LamportDiagram.Omission.Subject, _ reason: String) {
    if count > 0 { omissions.append(.init(count: count, subject: subject, reason: reason)) }
  }
}

// MARK: - All else

extension DiagramSelection {
  private func findWindow() -> ClosedRange<Instant> {
    var times: [Instant] = []
    for index in messages {
      let message = trace.recording.messages[index]
      times += [message.sent] + message.received + message.dropped.map(\.time)
    }
    for index in filter.around where trace.recording.history.operations.indices.contains(index) {
      times.append(trace.recording.history.operations[index].time)
    }
    let whole = messages.isEmpty ? trace.events.map(\.time).filter { $0 >= earliest && $0 <= latest } : times
    let start = filter.from ?? whole.min() ?? .zero
    let end = (isCut ? nil : filter.to) ?? whole.max() ?? start
    return start...max(start, end)
  }

  private mutating func findOperations(_ cone: CausalCone?) -> [Int] {
    let history = trace.recording.history
    let busyTimes = timesByLane()
    var kept: [Int] = []
    var elsewhere = 0
    for invocation in history.clientOperations where invocation.kind == .invoke {
      guard let lane = trace.lane(of: invocation) else { continue }
      let completion = history.completion(of: invocation)
      let isInTime =
        invocation.time <= window.upperBound && completion.map { $0.time >= window.lowerBound } ?? true
      let isFocused = [invocation.index, completion?.index].contains {
        $0.map { filter.around.contains($0) } ?? false
      }
      // In a cone that the limit has cut, an operation without its messages would tell nothing.
      let isInCone =
        cone.map {
          isFocused
            || $0.contains(invocation, completion)
              && busyTimes[lane].contains { $0 >= invocation.time && $0 <= completion?.time ?? $0 }
        } ?? true
      if isInTime, isInCone, admits(lane) { kept.append(invocation.index) } else { elsewhere += 1 }
    }
    omit(max(0, kept.count - filter.limit), .operation, "since \(filter.limit.grouped) are drawn at most")
    omit(elsewhere, .operation, "outside of what is shown")
    return Array(kept.prefix(filter.limit))
  }

  /// When each lane sends or receives what is drawn.
  private func timesByLane() -> [[Instant]] {
    var times: [[Instant]] = Array(repeating: [], count: trace.lanes.count)
    for index in messages {
      times[trace.links[index].from].append(trace.recording.messages[index].sent)
      times[trace.links[index].to] += trace.recording.messages[index].received
    }
    return times
  }

  private mutating func findMarks(_ cone: CausalCone?) -> [Int] {
    let kept = trace.events.indices.filter { index in
      let event = trace.events[index]
      return event.kind == .log && window.contains(event.time) && admits(event.lane)
        && (cone?.contains(event: index) ?? true)
    }
    omit(trace.recording.marks.count - kept.count, .logLine, "outside of what is shown")
    omit(max(0, kept.count - filter.limit), .logLine, "since \(filter.limit.grouped) are drawn at most")
    return Array(kept.prefix(filter.limit))
  }

  /// Each node with its clients beside it; then the services.
  private func findLanes() -> [Int] {
    var isUsed = Array(repeating: false, count: trace.lanes.count)
    for index in messages {
      isUsed[trace.links[index].from] = true
      isUsed[trace.links[index].to] = true
    }
    for index in marks { isUsed[trace.events[index].lane] = true }
    for index in operations {
      if let lane = trace.lane(of: trace.recording.history.operations[index]) { isUsed[lane] = true }
    }
    for name in filter.nodes {
      if let lane = trace.recording.nodes.firstIndex(of: name) { isUsed[lane] = true }
    }
    var places: [String: Int] = [:]
    for (place, name) in trace.recording.nodes.enumerated() { places[name] = place }
    func key(_ lane: Int) -> (Int, Int, Int) {
      let place = trace.lanes[lane].node.flatMap { places[$0] } ?? .max
      return switch trace.lanes[lane].role {
      case .setup: (-1, 0, lane)
      case .client: (place, 0, lane)
      case .node: (place, 1, lane)
      case .service: (.max, 2, lane)
      }
    }
    return trace.lanes.indices.filter { isUsed[$0] }.sorted { key($0) < key($1) }
  }
}
