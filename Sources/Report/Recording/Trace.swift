import EddyHistory
import EddyNetwork
import EddyTiming

/// The events of a run on lanes, in an order that is consistent with happens-before.
///
/// An event happens before another if it is earlier on the same lane, or if it sends a message that the other
/// receives, or through a chain of such steps (Lamport, "Time, Clocks, and the Ordering of Events in a
/// Distributed System", 1978). At one instant a lane receives before it sends, because a send usually is the
/// response to a receipt, unless the order of the messages shows that the receipt came later.
struct Trace {
  /// A process with totally ordered events: a node, a client thread, a service, or all clients of setup.
  struct Lane {
    enum Role: Hashable { case node, client, setup, service }

    var role: Role
    var name: String
    /// The node itself, or the node of a client; nil for other roles.
    var node: String?
  }

  struct Event {
    enum Kind: Int {
      // The order of events at one instant and depth of a lane.
      case receive, drop, log, complete, invoke, send
    }

    var time: Instant
    /// The number of message steps between the beginning of the instant and the event.
    var depth: Int
    var kind: Kind
    var lane: Int
    /// The index of the message, of the entry in the history, or of the mark, depending on the kind.
    var subject: Int
  }

  var lanes: [Lane] = []
  /// The events, in an order consistent with happens-before.
  var events: [Event] = []
  /// By message: the index of its `send` event.
  var sends: [Int] = []
  /// By message: the indices of its `receive` and `drop` events.
  var arrivals: [[Int]] = []
  /// By message: the lanes of sender and receiver.
  var links: [(from: Int, to: Int)] = []

  let recording: Recording
  private var laneOfName: [String: Int] = [:]
  private var laneOfThread: [Int: Int] = [:]
  /// By lane and time: the greatest depth of a receipt so far.
  private var receiveDepth: [LaneTime: Int] = [:]

  private struct LaneTime: Hashable {
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
    // Clients without operations, which send `init` and the workload's setup, share a lane.
    let isClient = name.utf8.first == UInt8(ascii: "c") && Int(name.dropFirst()) != nil
    let key = isClient ? "setup" : name
    let lane = laneOfName[key] ?? open(Lane(role: isClient ? .setup : .service, name: key))
    laneOfName[key] = lane
    laneOfName[name] = lane
    return lane
  }

  /// Whether a lane is one of clients, which have operations or send setup.
  func isClient(_ lane: Int) -> Bool { lanes[lane].role == .client || lanes[lane].role == .setup }

  /// The lane of an entry of the history; nil for the nemesis.
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
      let depth = receiveDepth[LaneTime(lane: from, time: message.sent)].map { $0 + 1 } ?? 0
      events.append(Event(time: message.sent, depth: depth, kind: .send, lane: from, subject: index))
      for time in message.received {
        let depth = time == message.sent ? depth + 1 : 0
        let laneTime = LaneTime(lane: to, time: time)
        receiveDepth[laneTime] = max(depth, receiveDepth[laneTime] ?? 0)
        events.append(Event(time: time, depth: depth, kind: .receive, lane: to, subject: index))
      }
      for drop in message.dropped {
        let depth = drop.time == message.sent ? depth + 1 : 0
        events.append(Event(time: drop.time, depth: depth, kind: .drop, lane: to, subject: index))
      }
    }
  }

  /// Gives an invocation the depth of its request and a completion that of its reply, because several
  /// operations may follow one another at one instant of virtual time.
  private mutating func placeOperations() {
    var depths: [Event.Kind: [LaneTime: [Int]]] = [:]
    for event in events where lanes[event.lane].role == .client {
      depths[event.kind, default: [:]][LaneTime(lane: event.lane, time: event.time), default: []].append(
        event.depth)
    }
    var last: [Int: (time: Instant, depth: Int)] = [:]
    for entry in recording.history.operations {
      guard let lane = lane(of: entry) else { continue }
      let reached = last[lane].flatMap { $0.time == entry.time ? $0.depth : nil } ?? 0
      let beside =
        depths[entry.kind == .invoke ? .send : .receive]?[LaneTime(lane: lane, time: entry.time)] ?? []
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
      let depth = receiveDepth[LaneTime(lane: line.node, time: line.time)] ?? 0
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
