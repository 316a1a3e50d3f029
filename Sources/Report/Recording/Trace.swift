import EddyHistory
import EddyNetwork
import EddyTiming

/// A run as Lamport saw it: lanes, and on them events in an order that agrees with happens-before.
///
/// One event happens before another if it comes earlier on its lane, or sends what the other
/// receives, or by a chain of such steps (Lamport, "Time, Clocks, and the Ordering of Events in a
/// Distributed System", 1978). At one instant a lane receives before it sends, unless a message's
/// number says that it was sent later: what a node sends answers what it was just told.
struct Trace {
  /// One vertical line: somebody whose events come one after another.
  struct Lane {
    enum Role: Hashable { case node, client, setup, service }

    var role: Role
    var name: String
    /// The node itself, or the one that the client talks to; nil for others.
    var node: String?
  }

  struct Event {
    enum Kind: Int {
      // At one place on a lane they come in this order.
      case receive, drop, log, complete, invoke, send
    }

    var time: Instant
    /// How many steps of happens-before lie between the instant's beginning and the event.
    var depth: Int
    var kind: Kind
    var lane: Int
    /// The index of the message, of the entry in the history, or of the mark.
    var subject: Int
  }

  var lanes: [Lane] = []
  /// In order: whatever happens before an event comes before it.
  var events: [Event] = []
  /// For each message the index of its `send`.
  var sends: [Int] = []
  /// For each message the indices of its `receive`s and `drop`s.
  var arrivals: [[Int]] = []
  /// For each message the lanes it goes from and to.
  var links: [(from: Int, to: Int)] = []

  let recording: Recording
  private var laneOfName: [String: Int] = [:]
  private var laneOfThread: [Int: Int] = [:]
  /// At a place and a time, the depth of the last receive seen so far.
  private var receiveDepth: [Place: Int] = [:]

  private struct Place: Hashable {
    var lane: Int
    var time: Instant
  }

  /// - Complexity: O(n log n) in the number of events.
  init(_ recording: Recording) {
    self.recording = recording
    openLanes()
    placeMessages()
    placeOperations()
    placeLogs()
    order()
  }
}

// MARK: - Lanes

extension Trace {
  private mutating func openLanes() {
    for name in recording.nodes {
      laneOfName[name] = lanes.count
      lanes.append(Lane(role: .node, name: name, node: name))
    }
    for operation in recording.history.clientOperations where operation.kind == .invoke {
      guard case .client(let process) = operation.process else { continue }
      let thread = process % recording.concurrency
      let name = operation.client ?? "process \(thread)"
      let lane = laneOfThread[thread] ?? open(Lane(role: .client, name: name, node: operation.node))
      laneOfThread[thread] = lane
      laneOfName[name] = lane
    }
  }

  private mutating func open(_ lane: Lane) -> Int {
    lanes.append(lane)
    return lanes.count - 1
  }

  private mutating func lane(of name: String) -> Int {
    if let lane = laneOfName[name] { return lane }
    // Clients that run no operation send `init` and the workload's setup: they share a lane.
    let isClient = name.utf8.first == UInt8(ascii: "c") && Int(name.dropFirst()) != nil
    let key = isClient ? "setup" : name
    let lane = laneOfName[key] ?? open(Lane(role: isClient ? .setup : .service, name: key))
    laneOfName[key] = lane
    laneOfName[name] = lane
    return lane
  }

  /// The lane of the client that an entry of the history is of; nil for the nemesis.
  func lane(of entry: Operation) -> Int? {
    guard case .client(let process) = entry.process else { return nil }
    return laneOfThread[process % recording.concurrency]
  }
}

// MARK: - Events

extension Trace {
  private mutating func placeMessages() {
    events.reserveCapacity(recording.messages.count * 2 + recording.history.operations.count)
    for (index, message) in recording.messages.enumerated() {
      let (from, to) = (lane(of: message.source), lane(of: message.destination))
      links.append((from, to))
      let depth = receiveDepth[Place(lane: from, time: message.sent)].map { $0 + 1 } ?? 0
      events.append(Event(time: message.sent, depth: depth, kind: .send, lane: from, subject: index))
      for time in message.received {
        let depth = time == message.sent ? depth + 1 : 0
        let place = Place(lane: to, time: time)
        receiveDepth[place] = max(depth, receiveDepth[place] ?? 0)
        events.append(Event(time: time, depth: depth, kind: .receive, lane: to, subject: index))
      }
      for drop in message.dropped {
        let depth = drop.time == message.sent ? depth + 1 : 0
        events.append(Event(time: drop.time, depth: depth, kind: .drop, lane: to, subject: index))
      }
    }
  }

  /// Places invocations beside the requests they send, and completions beside the replies that end
  /// them: several may follow one another at one instant of virtual time.
  private mutating func placeOperations() {
    var depths: [Event.Kind: [Place: [Int]]] = [:]
    for event in events where lanes[event.lane].role == .client {
      depths[event.kind, default: [:]][Place(lane: event.lane, time: event.time), default: []].append(
        event.depth)
    }
    var last: [Int: (time: Instant, depth: Int)] = [:]
    for entry in recording.history.operations {
      guard let lane = lane(of: entry) else { continue }
      let reached = last[lane].flatMap { $0.time == entry.time ? $0.depth : nil } ?? 0
      let beside =
        depths[entry.kind == .invoke ? .send : .receive]?[Place(lane: lane, time: entry.time)] ?? []
      let depth = beside.filter { $0 >= reached }.min() ?? reached
      last[lane] = (entry.time, depth)
      events.append(
        Event(
          time: entry.time, depth: depth, kind: entry.kind == .invoke ? .invoke : .complete, lane: lane,
          subject: entry.index))
    }
  }

  private mutating func placeLogs() {
    for (index, line) in recording.marks.enumerated() {
      let depth = receiveDepth[Place(lane: line.node, time: line.time)] ?? 0
      events.append(Event(time: line.time, depth: depth, kind: .log, lane: line.node, subject: index))
    }
  }

  private mutating func order() {
    receiveDepth = [:]
    events.sort { a, b in
      (a.time, a.depth, a.kind.rawValue, a.lane, a.subject) < (
        b.time, b.depth, b.kind.rawValue, b.lane, b.subject
      )
    }
    sends = Array(repeating: 0, count: recording.messages.count)
    arrivals = Array(repeating: [], count: recording.messages.count)
    for (index, event) in events.enumerated() {
      switch event.kind {
      case .send: sends[event.subject] = index
      case .receive, .drop: arrivals[event.subject].append(index)
      default: break
      }
    }
  }
}
