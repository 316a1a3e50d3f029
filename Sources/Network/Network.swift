public import EddyHistory
public import EddyNode
public import EddyTiming

/// The network between nodes, services and clients: unordered, with latency and faults.
///
/// It follows Maelstrom's `src/maelstrom/net.clj`. A message between two nodes, or between a node and a
/// service, takes a latency that is drawn when it is sent; a message from or to a client takes none. A
/// partition drops a message at its receiver: when it is due, or with blocking delivery when the receiver
/// takes it (see ``DeliveryOrder``). For nodes that are killed and started see `NodeAdmission`.
///
/// It has many stored properties because four of them are the settings that faults change, and the rest are
/// the places where a message can be.
public struct Network {
  /// A message in flight.
  public struct Envelope: Sendable {
    /// The message's number, from 0 in the order of sending.
    public var id: Int
    /// The message as it was written, without its newline.
    public var line: [UInt8]
    /// The actual sender, which the message's `src` may contradict.
    public var source: Endpoint
    /// The receiver.
    public var destination: Endpoint
    /// The parsed line. Nil if the sender has not parsed it or the receiver is a node, which parses the line
    /// itself.
    var parsed: Message?

    /// The parsed line. O(length) if it has not been parsed yet.
    public var message: Message { parsed ?? Message(validated: line) }

    var involvesClient: Bool { source.isClient || destination.isClient }
  }

  /// A sender or receiver.
  public enum Endpoint: Hashable, Sendable {
    /// A node, by its index in the cluster.
    case node(Int)
    /// A client, by the number in its name.
    case client(Int)
    /// One of Maelstrom's services, by name.
    case service(String)

    var isClient: Bool { if case .client = self { true } else { false } }

    var isNode: Bool { if case .node = self { true } else { false } }
  }

  /// The latency of messages sent from now on.
  public var latency: Latency
  /// The current partition.
  public var partition: Partition
  /// The probability that a message between nodes is lost.
  public var loss = 0.0
  /// The probability that a message between nodes is delivered twice.
  public var duplication = 0.0

  /// The counts of messages so far.
  public private(set) var statistics = NetworkStatistics()
  /// The messages sent so far, with their events.
  public package(set) var journal = Journal()

  /// A factor on the latency of each link, `[sender][receiver]`; empty if all are 1.
  private var linkFactors: [[Double]] = []
  /// Which nodes are down or starting.
  private var admission = NodeAdmission()

  private var random: SeededGenerator
  private let deliveryOrder: DeliveryOrder
  /// Messages that will be delivered when they are due, independently of others.
  private var inFlight = TimerQueue<Envelope>()
  /// Messages that wait for a busy receiver, with blocking delivery.
  private var inboxes = Inboxes()
  private var nextID = 0
  /// The amount of all messages in flight.
  public private(set) var load = NetworkLoad()

  /// Creates a network for `nodes` nodes, without faults.
  public init(
    nodes: Int, latency: Latency, deliveryOrder: DeliveryOrder = .independent, random: SeededGenerator
  ) {
    self.latency = latency
    self.deliveryOrder = deliveryOrder
    self.random = random
    partition = Partition(nodes: nodes)
  }

  /// The time of the next delivery; nil if no message is in flight. O(1).
  public var nextDeadline: Instant? { inFlight.nextDeadline }

  /// Sends a message. O(log n) in the number of messages in flight.
  ///
  /// - Parameters:
  ///   - line: A valid message, without its newline.
  ///   - message: The parsed line, if the caller has it.
  ///   - source: The actual sender.
  ///   - destination: The receiver.
  ///   - now: The time on the driver's clock.
  public mutating func send(
    _ line: [UInt8], parsed message: Message? = nil, from source: Endpoint, to destination: Endpoint,
    at now: Instant
  ) {
    // Nodes read the line. The parsed form is many times larger, so it is not kept for them.
    let envelope = Envelope(
      id: nextID, line: line, source: source, destination: destination,
      parsed: destination.isNode ? nil : message)
    nextID += 1
    if case .node(let sender) = source, admission.isStarting(sender) {
      admission.noteRequest((message ?? Message(validated: line)).id, by: sender)
    }
    statistics.sent(involvingClient: envelope.involvesClient)
    let (first, second) = drawDues(of: envelope, at: now)
    journal.sent(envelope, copies: second == nil ? 1 : 2, at: now)
    guard let first else { return journal.dropped(envelope, at: now, because: .loss) }
    carry(envelope, due: first, at: now)
    if let second { carry(envelope, due: second, at: now) }
  }

  /// Draws the delivery time of a message, nil if it is lost, and of its duplicate, nil if there is none.
  private mutating func drawDues(of envelope: Envelope, at now: Instant) -> (
    first: Instant?, second: Instant?
  ) {
    if envelope.involvesClient { return (now, nil) }
    if loss > 0, random.chance(loss) { return (nil, nil) }
    let first = now + drawLatency(envelope.source, envelope.destination)
    let isDuplicated = duplication > 0 && random.chance(duplication)
    return (first, isDuplicated ? now + drawLatency(envelope.source, envelope.destination) : nil)
  }

  private mutating func carry(_ envelope: Envelope, due: Instant, at now: Instant) {
    load.add(envelope.line)
    switch deliveryOrder {
    case .independent:
      inFlight.insert(envelope, at: due)
    case .blocking where admission.isDown(envelope.destination):
      // The node's queue was discarded when it was killed.
      drop(envelope, at: now, because: .down)
    case .blocking:
      inboxes[envelope.destination].waiting.insert(envelope, at: due)
      takeNext(envelope.destination, at: now)
    }
  }

  /// Lets a free receiver take the first due message of its inbox.
  private mutating func takeNext(_ receiver: Endpoint, at now: Instant) {
    while let (envelope, due) = inboxes[receiver].next() {
      if isCut(envelope) {
        drop(envelope, at: now, because: .partition)
      } else {
        inboxes[receiver].taken = inFlight.insert(envelope, at: max(due, now))
      }
    }
  }

  /// Drops a message in flight.
  private mutating func drop(_ envelope: Envelope, at now: Instant, because reason: Journal.DropReason) {
    load.remove(envelope.line)
    journal.dropped(envelope, at: now, because: reason)
  }

  private func isCut(_ envelope: Envelope) -> Bool {
    guard case .node(let sender) = envelope.source, case .node(let receiver) = envelope.destination else {
      return false
    }
    return partition.drops(from: sender, to: receiver)
  }

  private mutating func drawLatency(_ source: Endpoint, _ destination: Endpoint) -> Duration {
    let drawn = latency.draw(&random)
    guard !linkFactors.isEmpty, case .node(let sender) = source, case .node(let receiver) = destination else {
      return drawn
    }
    return .nanoseconds(Int(Double(drawn.nanoseconds) * linkFactors[sender][receiver]))
  }

  /// Gives each link and direction its own latency: multiplies drawn latencies by a factor between 1 −
  /// `spread` and 1 + `spread`.
  package mutating func spreadLinks(by spread: Double, _ random: inout SeededGenerator) {
    let nodes = partition.nodes
    linkFactors = (0..<nodes).map { _ in (0..<nodes).map { _ in 1 + spread * (2 * random.unit() - 1) } }
  }

  /// Removes and returns the next message that is due and not dropped; nil if there is none. O(log n).
  public mutating func deliver(at now: Instant) -> Envelope? {
    while let envelope = admission.takeReleased() ?? takeDue(at: now) {
      if admission.hold(envelope) { continue }
      load.remove(envelope.line)
      statistics.received(involvingClient: envelope.involvesClient)
      journal.received(envelope, at: now)
      return envelope
    }
    return nil
  }

  /// Removes and returns the next due message whose receiver is up and not separated by a partition.
  private mutating func takeDue(at now: Instant) -> Envelope? {
    while let due = inFlight.popDue(at: now) {
      let envelope = due.element
      if deliveryOrder == .blocking {
        inboxes[envelope.destination].taken = nil
        takeNext(envelope.destination, at: now)
      } else if isCut(envelope) {
        drop(envelope, at: now, because: .partition)
        continue
      }
      if admission.isDown(envelope.destination) {
        drop(envelope, at: now, because: .down)
        continue
      }
      return envelope
    }
    return nil
  }
}

// MARK: - Messages in flight

extension Network {
  /// Counts the messages in flight by sender, receiver and type. O(n) in their number.
  package func countInFlight() -> MessageTally {
    var tally = MessageTally()
    for envelope in inFlight.elementsInAnyOrder { tally.add(envelope.message) }
    for inbox in inboxes.all {
      for envelope in inbox.waiting.elementsInAnyOrder { tally.add(envelope.message) }
    }
    for envelope in admission.waiting { tally.add(envelope.message) }
    return tally
  }
}

// MARK: - Nodes that are killed and started

extension Network {
  /// Marks a node as down and drops the messages that wait for it. O(n log n) in their number.
  package mutating func kill(_ node: Int, at now: Instant) {
    for envelope in admission.kill(node) { drop(envelope, at: now, because: .down) }
    guard deliveryOrder == .blocking else { return }
    let receiver = Endpoint.node(node)
    if let taken = inboxes[receiver].taken.take(), let envelope = inFlight.remove(taken) {
      drop(envelope, at: now, because: .down)
    }
    while let (envelope, _) = inboxes[receiver].first() {
      drop(envelope, at: now, because: .down)
    }
  }

  /// Marks a node as starting. Until it is admitted it receives only its `init` and the replies to its own
  /// requests; other messages are held.
  package mutating func start(_ node: Int) { admission.start(node) }

  /// Marks a node as initialized: it receives the messages held for it, and all later ones.
  package mutating func admit(_ node: Int) { admission.admit(node) }
}

extension Message {
  /// Parses a line that is known to be a valid message.
  init(validated line: [UInt8]) {
    do { try self.init(parsing: line) } catch {
      preconditionFailure("only valid messages are sent: \(error)")
    }
  }
}
