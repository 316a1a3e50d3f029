package import EddyHistory
public import EddyNode
public import EddyTiming

/// What became of the messages: the raw material of diagrams and of `messages.jsonl`.
///
/// It keeps the first and the last messages of a run, within a ``Budget``: nodes that send without end fill
/// neither memory nor disk. What is left out in between is counted by sender, receiver and type. What
/// ``NetworkStatistics`` counts is exact in any case.
public struct Journal: Sendable {
  /// Why a message was not delivered.
  public enum Fate: String, Sendable {
    /// The receiver refuses the sender's messages.
    case partition
    /// It was lost at random.
    case loss
    /// The receiver had been killed.
    case down
  }

  /// What happened to a message.
  public enum Kind: Sendable, Hashable {
    /// It set out.
    case sent
    /// A copy of it arrived.
    case received
    /// A copy of it was thrown away.
    case dropped(Fate)
  }

  /// Something that happened to a message.
  public struct Event: Sendable {
    /// When.
    public var time: Instant
    /// What.
    public var kind: Kind
    /// Index into ``Journal/messages``.
    public var message: Int
  }

  /// A message, as it is kept.
  public struct Entry: Sendable {
    /// Its number, from 0 in the order of sending.
    public var id: Int
    /// Whether a client sent it or is to receive it.
    public var involvesClient: Bool
    package let text: SharedText

    /// The line as it was written, without its newline. O(length).
    public var line: [UInt8] { text.bytes }

    /// The line, parsed anew. O(length).
    public var message: Message { Message(validated: line) }
  }

  /// How much is kept.
  public struct Budget: Sendable {
    /// At most so many messages.
    public var messages: Int
    /// At most so many bytes of messages, as they are written.
    public var bytes: Int

    /// A budget; by default one that few runs exceed, and that costs some hundred MB where one does.
    public init(messages: Int = 400_000, bytes: Int = 256 << 20) {
      self.messages = messages
      self.bytes = bytes
    }

    /// The part of it that one stretch of messages may take.
    func divided(by divisor: Int) -> Budget {
      Budget(messages: max(1, messages / divisor), bytes: max(1, bytes / divisor))
    }
  }

  /// Messages that were sent one after the other, and what happened meanwhile.
  private struct Stretch: Sendable {
    var messages: [Entry] = []
    /// Their `message` is the number of the message.
    var events: [Event] = []
    package var bytes = 0

    package func exceeds(_ budget: Budget) -> Bool {
      messages.count >= budget.messages || bytes >= budget.bytes
    }
  }

  let budget: Budget
  /// The first messages: half of the budget.
  private var head = Stretch()
  /// The last messages: when a quarter of the budget is used up by the current stretch, the one before
  /// it is left out.
  private var previous = Stretch()
  private var current = Stretch()
  /// How many messages there were.
  public private(set) var messageCount = 0
  /// How many events there were.
  public private(set) var eventCount = 0
  /// What is left out.
  public private(set) var omitted = MessageTally()
  /// How many messages each node has sent, by its place; shorter than the cluster if the last have sent none.
  private(set) var nodeSendCounts: [Int] = []
  private var isHeadFull = false
  private var sharing = TextSharing()

  /// A journal of nothing.
  public init(budget: Budget = Budget()) { self.budget = budget }

  /// The messages that are kept, in the order of sending.
  public var messages: [Entry] {
    isHeadFull ? head.messages + previous.messages + current.messages : head.messages
  }

  /// What happened to the messages that are kept, in order; an event's `message` is an index into
  /// ``messages``.
  public var events: [Event] {
    guard isHeadFull else { return head.events }
    let all = head.events + previous.events + current.events
    guard omitted.count > 0 else { return all }
    return all.map { event in
      var event = event
      if event.message >= head.messages.count { event.message -= omitted.count }
      return event
    }
  }

  /// The entry of a message that is kept.
  func entry(of id: Int) -> Entry? {
    if id < head.messages.count { return head.messages[id] }
    let place = id - head.messages.count - omitted.count
    guard place >= 0 else { return nil }
    if place < previous.messages.count { return previous.messages[place] }
    let index = place - previous.messages.count
    return current.messages.indices.contains(index) ? current.messages[index] : nil
  }

  /// What has happened since there were so many events, as far as it is kept, with the messages.
  public func events(since count: Int) -> [(event: Event, entry: Entry)] {
    var missing = eventCount - count
    var parts: [ArraySlice<Event>] = []
    for stretch in [current, previous, head] where missing > 0 {
      let part = stretch.events.suffix(missing)
      parts.append(part)
      missing -= part.count
    }
    return parts.reversed().joined().compactMap { event in entry(of: event.message).map { (event, $0) } }
  }

  mutating func sent(_ envelope: Network.Envelope, at now: Instant) {
    let text = sharing.share(envelope.line) { .init(envelope.message.source, envelope.message.type) }
    let entry = Entry(id: envelope.id, involvesClient: envelope.involvesClient, text: text)
    messageCount += 1
    if case .node(let node) = envelope.source { countSend(of: node) }
    if !isHeadFull, !head.exceeds(budget.divided(by: 2)) {
      head.messages.append(entry)
      head.bytes += envelope.line.count
    } else {
      isHeadFull = true
      if current.exceeds(budget.divided(by: 4)) { startStretch() }
      current.messages.append(entry)
      current.bytes += envelope.line.count
    }
    append(Event(time: now, kind: .sent, message: envelope.id))
  }

  private mutating func countSend(of node: Int) {
    while nodeSendCounts.count <= node { nodeSendCounts.append(0) }
    nodeSendCounts[node] += 1
  }

  mutating func received(_ envelope: Network.Envelope, at now: Instant) {
    append(Event(time: now, kind: .received, message: envelope.id))
  }

  mutating func dropped(_ envelope: Network.Envelope, at now: Instant, because fate: Fate) {
    append(Event(time: now, kind: .dropped(fate), message: envelope.id))
  }

  private mutating func append(_ event: Event) {
    eventCount += 1
    guard isHeadFull else { return head.events.append(event) }
    let isKept = event.message < head.messages.count || event.message >= head.messages.count + omitted.count
    if isKept { current.events.append(event) }
  }

  /// Leaves out the stretch before the current one, and begins another.
  private mutating func startStretch() {
    for entry in previous.messages { omitted.add(entry.message) }
    // What became of the first messages, and only later.
    head.events += previous.events.filter { $0.message < head.messages.count }
    let kept = head.messages.count + omitted.count
    current.events.removeAll { $0.message >= head.messages.count && $0.message < kept }
    previous = current
    current = Stretch()
  }
}
