public import EddyHistory
public import EddyNode
public import EddyTiming

/// The network between nodes, services and clients: unordered, with latency and faults.
///
/// As Maelstrom's (`src/maelstrom/net.clj`): a message between two nodes, or a node and a
/// service, takes a latency drawn when it is sent; one from or to a client takes none. A
/// partition drops a message at its receiver when it would be delivered, or, where receivers
/// take turns, when it is taken (see ``Receivers``). Nodes can be killed and started: see
/// `NodeLife`.
public struct Network {
  /// A message under way.
  public struct Envelope: Sendable {
    /// Numbered from 0 in the order of sending.
    public var id: Int
    /// The line as it was written, without its newline.
    public var line: [UInt8]
    /// Who sent it, whatever the message says.
    public var source: Endpoint
    /// Who it is for.
    public var destination: Endpoint
    /// The line, parsed, if its sender had it so and its receiver is one that reads it.
    var parsed: Message?

    /// The line, parsed.
    public var message: Message { parsed ?? Message(validated: line) }

    var involvesClient: Bool { source.isClient || destination.isClient }
  }

  /// Who sends or receives.
  public enum Endpoint: Hashable, Sendable {
    /// A node, by its place in the cluster.
    case node(Int)
    /// A client, by the number in its name.
    case client(Int)
    /// One of Maelstrom's services, by name.
    case service(String)

    var isClient: Bool { if case .client = self { true } else { false } }

    var isNode: Bool { if case .node = self { true } else { false } }
  }

  /// What messages take from now on.
  public var latency: Latency
  /// Who hears whom now.
  public var partition: Partition
  /// The probability that a message between nodes is lost.
  public var loss = 0.0
  /// The probability that a message between nodes is delivered twice.
  public var duplication = 0.0

  /// What was carried so far.
  public private(set) var statistics = NetworkStatistics()
  /// Everything sent and delivered so far, in order.
  public package(set) var journal = Journal()

  /// By how much the latency of each link differs, `[sender][receiver]`; empty if it does not.
  private var linkFactors: [[Double]] = []
  /// Which nodes are down or starting.
  private var life = NodeLife()

  private var random: SeededGenerator
  private let receivers: Receivers
  /// What will be delivered when it is due, whatever else arrives.
  private var inFlight = TimerQueue<Envelope>()
  /// What waits for its receiver to be free, if receivers take turns.
  private var inboxes = Inboxes()
  private var nextID = 0
  /// What is under way, in all.
  public private(set) var load = NetworkLoad()

  /// A network of this many nodes, without faults.
  public init(
    nodes: Int, latency: Latency, receivers: Receivers = .independent, random: SeededGenerator
  ) {
    self.latency = latency
    self.receivers = receivers
    self.random = random
    partition = Partition(nodes: nodes)
  }

  /// When the next message is due for delivery, or nil if none is under way. O(1).
  public var nextDeadline: Instant? { inFlight.nextDeadline }

  /// Puts a message on its way. O(log n) in the number under way.
  ///
  /// - Parameters:
  ///   - line: A valid message, without its newline.
  ///   - message: The same, if the caller has parsed it anyway.
  ///   - source: Who sends it.
  ///   - destination: Who is to get it.
  ///   - now: The time on the driver's clock.
  public mutating func send(
    _ line: [UInt8], parsed message: Message? = nil, from source: Endpoint, to destination: Endpoint,
    at now: Instant
  ) {
    // A node is handed the line: the parsed form, which is many times as large, is not kept for it.
    let envelope = Envelope(
      id: nextID, line: line, source: source, destination: destination,
      parsed: destination.isNode ? nil : message)
    nextID += 1
    if case .node(let sender) = source, life.isStarting(sender) {
      life.noteRequest((message ?? Message(validated: line)).id, by: sender)
    }
    statistics.sent(involvingClient: envelope.involvesClient)
    let (first, second) = drawDues(of: envelope, at: now)
    journal.sent(envelope, copies: second == nil ? 1 : 2, at: now)
    guard let first else { return journal.dropped(envelope, at: now, because: .loss) }
    carry(envelope, due: first, at: now)
    if let second { carry(envelope, due: second, at: now) }
  }

  /// When a message is due, nil if it is lost, and when the copy of one that is duplicated is.
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
    switch receivers {
    case .independent:
      inFlight.insert(envelope, at: due)
    case .blocking where life.isDown(envelope.destination):
      // Its queue went when it was killed.
      drop(envelope, at: now, because: .down)
    case .blocking:
      inboxes[envelope.destination].waiting.insert(envelope, at: due)
      takeNext(envelope.destination, at: now)
    }
  }

  /// Lets a receiver that is free take what is due first among what is on its way to it.
  private mutating func takeNext(_ receiver: Endpoint, at now: Instant) {
    while let (envelope, due) = inboxes[receiver].next() {
      if isCut(envelope) {
        drop(envelope, at: now, because: .partition)
      } else {
        inboxes[receiver].taken = inFlight.insert(envelope, at: max(due, now))
      }
    }
  }

  /// Throws away what was on its way.
  private mutating func drop(_ envelope: Envelope, at now: Instant, because fate: Journal.Fate) {
    load.remove(envelope.line)
    journal.dropped(envelope, at: now, because: fate)
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

  /// Gives each link, one way, a latency of its own: the drawn one times a factor that differs
  /// from 1 by `spread` at most.
  package mutating func spreadLinks(by spread: Double, _ random: inout SeededGenerator) {
    let nodes = partition.nodes
    linkFactors = (0..<nodes).map { _ in (0..<nodes).map { _ in 1 + spread * (2 * random.unit() - 1) } }
  }

  /// Takes the next message that is due and gets through, or nil. O(log n).
  public mutating func deliver(at now: Instant) -> Envelope? {
    while let envelope = life.takeReleased() ?? takeDue(at: now) {
      if life.holds(envelope) { continue }
      load.remove(envelope.line)
      statistics.received(involvingClient: envelope.involvesClient)
      journal.received(envelope, at: now)
      return envelope
    }
    return nil
  }

  /// Takes the next message that is due and is neither cut off nor too late for its receiver.
  private mutating func takeDue(at now: Instant) -> Envelope? {
    while let due = inFlight.popDue(at: now) {
      let envelope = due.element
      if receivers == .blocking {
        inboxes[envelope.destination].taken = nil
        takeNext(envelope.destination, at: now)
      } else if isCut(envelope) {
        drop(envelope, at: now, because: .partition)
        continue
      }
      if life.isDown(envelope.destination) {
        drop(envelope, at: now, because: .down)
        continue
      }
      return envelope
    }
    return nil
  }
}

// MARK: - What is under way

extension Network {
  /// Counts the messages under way by sender, receiver and type. O(n) in their number.
  package func countUnderWay() -> MessageTally {
    var tally = MessageTally()
    for envelope in inFlight.elementsInAnyOrder { tally.add(envelope.message) }
    for inbox in inboxes.all {
      for envelope in inbox.waiting.elementsInAnyOrder { tally.add(envelope.message) }
    }
    for envelope in life.waiting { tally.add(envelope.message) }
    return tally
  }
}

// MARK: - Nodes that die and start

extension Network {
  /// The node is down: what waits for it and what it has taken is lost. O(n log n) in what waits.
  package mutating func kill(_ node: Int, at now: Instant) {
    for envelope in life.kill(node) { drop(envelope, at: now, because: .down) }
    guard receivers == .blocking else { return }
    let receiver = Endpoint.node(node)
    if let taken = inboxes[receiver].taken.take(), let envelope = inFlight.remove(taken) {
      drop(envelope, at: now, because: .down)
    }
    while let (envelope, _) = inboxes[receiver].first() {
      drop(envelope, at: now, because: .down)
    }
  }

  /// The node is starting: until it is admitted, it gets its `init` and what it asks for itself; all else
  /// waits.
  package mutating func start(_ node: Int) { life.start(node) }

  /// The node has answered its `init`: it gets what has waited, and from now on everything.
  package mutating func admit(_ node: Int) { life.admit(node) }
}

extension Message {
  /// Parses a line that is known to be a message.
  init(validated line: [UInt8]) {
    do { try self.init(parsing: line) } catch { preconditionFailure("what is sent is a message: \(error)") }
  }
}
