import EddyHistory
import EddyNode

/// The causal past and future of some operations.
struct CausalCone {
  private let past: [Bool]
  private let future: [Bool]
  /// The events of entries of the history, by their index.
  private let eventOfEntry: [Int: Int]

  /// - Parameter entries: Indices of entries of the history; either end of an operation stands for
  ///   all of it. What is no client's entry has no past and no future.
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

  /// Whether an event lies in the past or the future.
  func contains(event: Int) -> Bool { past[event] || future[event] }

  /// Whether an operation began or ended in the past or the future.
  func contains(_ invocation: Operation, _ completion: Operation?) -> Bool {
    [invocation.index, completion?.index].contains { index in
      index.flatMap { eventOfEntry[$0] }.map { contains(event: $0) } ?? false
    }
  }

  /// Whether a message was received in the past, or was sent in it and never received: what did not
  /// come explains as much as what did.
  func hasInPast(_ message: Int, _ trace: Trace) -> Bool {
    let received = trace.arrivals[message].filter { trace.events[$0].kind == .receive }
    return received.isEmpty ? past[trace.sends[message]] : received.contains { past[$0] }
  }

  /// Whether a message was sent in the future.
  func hasInFuture(_ message: Int, _ trace: Trace) -> Bool { future[trace.sends[message]] }

  /// How late in the past a message had its effect, as an index of an event.
  func pastRank(_ message: Int, _ trace: Trace) -> Int {
    trace.arrivals[message].last { past[$0] } ?? trace.sends[message]
  }
}
