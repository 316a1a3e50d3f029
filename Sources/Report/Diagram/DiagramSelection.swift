import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// The part of a trace that a diagram shows, and what it omits.
struct DiagramSelection {
  /// The indices of the messages drawn, in the order of their sends.
  private(set) var messages: [Int] = []
  /// The indices in the history of the invocations drawn.
  private(set) var operations: [Int] = []
  /// The indices of the events of the log lines drawn.
  private(set) var marks: [Int] = []
  /// The indices of the lanes drawn, from left to right.
  private(set) var lanes: [Int] = []
  /// The time shown: that of the filter, else from the first to the last event drawn.
  private(set) var window: ClosedRange<Instant> = .zero ... .zero
  private(set) var omissions: [LamportDiagram.Omission] = []

  /// Whether the limit ends the picture before the end that the filter demands.
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
  /// The messages that match the times, nodes and types of the filter.
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
      omit(outside, .message, "outside the chosen time")
    }
    omit(elsewhere, .message, "from or to nodes that were not chosen")
    omit(otherType, .message, "of types that were not chosen")
    return kept
  }

  /// Setup is omitted by default, since it is the same in every run. A run without operations is shown from
  /// its beginning.
  private var earliest: Instant {
    filter.from ?? (trace.recording.history.operations.isEmpty ? Instant(nanoseconds: .min) : .zero)
  }

  /// Whether a message belongs to setup, which in virtual time may end at the instant when operations begin.
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

  /// The first messages, up to the limit.
  private mutating func first(_ candidates: [Int]) -> [Int] {
    let kept = Array(candidates.prefix(filter.limit))
    let rest = candidates.count - kept.count
    if let next = candidates.dropFirst(kept.count).first {
      isCut = true
      omit(
        rest, .message,
        "sent from \(trace.recording.messages[next].sent.clock) on, \(limitReason)"
      )
    }
    return kept
  }

  /// The last messages of the causal past and the first of the causal future, up to the limit.
  private mutating func nearest(_ candidates: [Int], in cone: CausalCone) -> [Int] {
    let past = candidates.filter { cone.hasInPast($0, trace) }
    let future = candidates.filter { cone.hasInFuture($0, trace) }
    let all = Set(past).union(future)
    omit(
      candidates.count - all.count, .message,
      "in neither the causal past nor the causal future of the chosen operations"
    )
    guard all.count > filter.limit else { return all.sorted() }
    // Each side gets half of the limit, and what the other does not need.
    let half = filter.limit / 2
    let pastShare = max(half, filter.limit - future.count)
    var kept = Set(past.sorted { cone.pastRank($0, trace) > cone.pastRank($1, trace) }.prefix(pastShare))
    kept.formUnion(future.filter { !kept.contains($0) }.prefix(filter.limit - kept.count))
    omit(
      all.count - kept.count, .message,
      "earlier in the causal past or later in the causal future, \(limitReason)"
    )
    return kept.sorted()
  }

  private var limitReason: String { "because at most \(filter.limit.grouped) are drawn" }

  private mutating func omit(_ count: Int, _ subject: LamportDiagram.Omission.Subject, _ reason: String) {
    if count > 0 { omissions.append(.init(count: count, subject: subject, reason: reason)) }
  }
}

// MARK: - Operations, log lines and lanes

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
      // If the limit cuts the cone, operations without messages are omitted.
      let isInCone =
        cone.map {
          isFocused
            || $0.contains(invocation, completion)
              && busyTimes[lane].contains { $0 >= invocation.time && $0 <= completion?.time ?? $0 }
        } ?? true
      if isInTime, isInCone, admits(lane) { kept.append(invocation.index) } else { elsewhere += 1 }
    }
    omit(max(0, kept.count - filter.limit), .operation, limitReason)
    omit(elsewhere, .operation, "outside the part shown")
    return Array(kept.prefix(filter.limit))
  }

  /// By lane: the times at which it sends or receives a message drawn.
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
    omit(trace.recording.marks.count - kept.count, .logLine, "outside the part shown")
    omit(max(0, kept.count - filter.limit), .logLine, limitReason)
    return Array(kept.prefix(filter.limit))
  }

  /// The lanes used: setup, each node with its clients on its left, then the services.
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
    var indices: [String: Int] = [:]
    for (index, name) in trace.recording.nodes.enumerated() { indices[name] = index }
    func key(_ lane: Int) -> (Int, Int, Int) {
      let index = trace.lanes[lane].node.flatMap { indices[$0] } ?? .max
      return switch trace.lanes[lane].role {
      case .setup: (-1, 0, lane)
      case .client: (index, 0, lane)
      case .node: (index, 1, lane)
      case .service: (.max, 2, lane)
      }
    }
    return trace.lanes.indices.filter { isUsed[$0] }.sorted { key($0) < key($1) }
  }
}
