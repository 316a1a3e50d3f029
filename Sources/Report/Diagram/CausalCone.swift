import EddyHistory
import EddyNode

/// The causal past and future of some operations: the events that happened before their completions, and
/// those that their invocations happened before.
struct CausalCone {
  private let past: [Bool]
  private let future: [Bool]
  /// By index in the history: the event of an entry.
  private let eventOfEntry: [Int: Int]

  /// - Parameter entries: Indices of entries of the history. An invocation or a completion stands for the
  ///   whole operation. Entries of the nemesis are ignored.
  /// - Complexity: O(events).
  init(_ trace: Trace, around entries: [Int]) {
    var eventOfEntry: [Int: Int] = [:]
    for (index, event) in trace.events.enumerated() where event.kind == .invoke || event.kind == .complete {
      eventOfEntry[event.subject] = index
    }
    let history = trace.recording.history
    var (starts, ends): ([Int], [Int]) = ([], [])
    for index in entries where history.operations.indices.contains(index) {
      let entry = history.operations[index]
      guard entry.isClient else { continue }
      let invocation = entry.kind == .invoke ? entry : history.invocation(of: entry) ?? entry
      let completion = history.completion(of: invocation) ?? invocation
      if let start = eventOfEntry[invocation.index] { starts.append(start) }
      if let end = eventOfEntry[completion.index] { ends.append(end) }
    }
    self.eventOfEntry = eventOfEntry
    past = trace.cone(.past, of: ends)
    future = trace.cone(.future, of: starts)
  }

  /// Whether an event is in the past or the future.
  func contains(event: Int) -> Bool { past[event] || future[event] }

  /// Whether an operation's invocation or completion is in the past or the future.
  func contains(_ invocation: Operation, _ completion: Operation?) -> Bool {
    [invocation.index, completion?.index].contains { index in
      index.flatMap { eventOfEntry[$0] }.map { contains(event: $0) } ?? false
    }
  }

  /// Whether a message was received in the past, or was sent in the past and never received: a missing
  /// message may explain as much as a received one.
  func hasInPast(_ message: Int, _ trace: Trace) -> Bool {
    let received = trace.arrivals[message].filter { trace.events[$0].kind == .receive }
    return received.isEmpty ? past[trace.sends[message]] : received.contains { past[$0] }
  }

  /// Whether the send of a message is in the future.
  func hasInFuture(_ message: Int, _ trace: Trace) -> Bool { future[trace.sends[message]] }

  /// The index of the last event in the past at which a message was received, else of its send.
  func pastRank(_ message: Int, _ trace: Trace) -> Int {
    trace.arrivals[message].last { past[$0] } ?? trace.sends[message]
  }
}
